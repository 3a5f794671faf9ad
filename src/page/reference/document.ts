/** What the page reads of an OpenAPI 3.1 document, and how it orders that. */

export interface Schema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly prefixItems?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly additionalProperties?: Schema | boolean
}

interface Media {
  readonly schema: Schema
  readonly example?: unknown
}

export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly parameters?: readonly { name: string; example?: string }[]
  readonly requestBody?: { content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<Record<string, { description: string; content?: Readonly<Record<string, Media>> }>>
}

export interface Document {
  readonly info: { title: string; version: string; description: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** An operation with every path it has; the first is the one to show. */
export interface Entry {
  readonly method: string
  readonly paths: string[]
  readonly operation: Operation
}

/** Entries by family. Paths that take and give the same are one entry. */
export function familiesOf({ paths }: Document): Map<string, Entry[]> {
  const families = new Map<string, Entry[]>()
  const known = new Map<string, Entry>()
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const { operationId: _, ...rest } = operation
      const key = `${method} ${JSON.stringify(rest)}`
      const same = known.get(key)
      if (same) {
        same.paths.push(path)
        continue
      }
      const entry = { method, paths: [path], operation }
      known.set(key, entry)
      for (const tag of operation.tags) families.set(tag, [...(families.get(tag) ?? []), entry])
    }
  }
  return families
}

/** A schema in the words of TypeScript, with its limits: `integer 1–1000`, `string[]`, `"left" | "right"`. */
export function typeOf(schema: Schema): string {
  if (schema.anyOf) return [...new Set(options(schema).map(typeOf))].join(' | ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const types = [schema.type ?? []].flat().filter((type) => type !== 'null')
  return types.map((type) => typed(type, schema)).join(' | ') || 'any'
}

function typed(type: string, schema: Schema): string {
  if (type === 'integer' || type === 'number') return `${type}${range(schema)}`
  if (type === 'array') {
    if (schema.prefixItems) return `[${schema.prefixItems.map(typeOf).join(', ')}]`
    const of = schema.items ? typeOf(schema.items) : 'any'
    const limit = schema.maxItems ? ` (${schema.minItems ?? 0}–${schema.maxItems})` : ''
    return `${/[ |]/.test(of) ? `(${of})` : of}[]${limit}`
  }
  return type
}

function range({ minimum, maximum, exclusiveMinimum }: Schema): string {
  const least = exclusiveMinimum === undefined ? minimum : exclusiveMinimum
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
  const from =
    least === undefined || least === Number.MIN_SAFE_INTEGER
      ? ''
      : `${exclusiveMinimum === undefined ? '' : '>'}${least}`
  if (most !== undefined) return ` ${from}–${most}`
  return from === '' ? '' : ` ≥ ${from.replace('>', '')}`
}

/** The branches of a union but null; the schema itself where it is none. */
export function options(schema: Schema): readonly Schema[] {
  const branches = schema.anyOf ?? [schema]
  return branches.filter(({ type }) => type !== 'null').flatMap((branch) => (branch.anyOf ? options(branch) : [branch]))
}

export interface Row {
  readonly name: string
  readonly depth: number
  readonly type: string
  readonly required: boolean
  readonly description: string
}

/** The fields of an object, those of objects in it below them. */
export function rowsOf(schema: Schema, depth = 0): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    {
      name,
      depth,
      type: typeOf(field),
      required: schema.required?.includes(name) ?? false,
      description: field.description ?? '',
    },
    ...objectsIn(field).flatMap((object) => rowsOf(object, depth + 1)),
  ])
}

/** The objects that a value is, or is a list of: each once. */
export function objectsIn(schema: Schema): Schema[] {
  const objects = options(schema).flatMap((option) => {
    if (option.items) return objectsIn(option.items)
    return option.properties ? [option] : []
  })
  return [...new Map(objects.map((object) => [JSON.stringify(object), object])).values()]
}
