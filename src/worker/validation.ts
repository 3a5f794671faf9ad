/** zod's issues as one sentence with the field, the limit and the value in it. */
import type { ZodError } from 'zod'

type Issue = ZodError['issues'][number]

/**
 * The first issue that explains the failure; of a union, that of the branch that came closest.
 * @param field where the value stands in the request; '' for the body itself, whose fields go by their own names
 * @returns `param` is the field at fault, as far as a list's index
 */
export function describeIssue(error: ZodError, field: string): { message: string; param: string; isEmpty: boolean } {
  const { issue, path } = deepest(error.issues[0] as Issue, [])
  const isEmpty = issue.code === 'custom' && issue.params?.empty === true
  const keys = field === '' ? path : [field, ...path]
  const name = keys.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`))
  const message = `\`${name.join('') || 'body'}\` ${wording(issue)}${isEmpty ? '' : given(issue)}`
  return { message, param: String(keys[0] ?? 'body'), isEmpty }
}

function deepest(issue: Issue, before: PropertyKey[]): { issue: Issue; path: PropertyKey[] } {
  const path = [...before, ...issue.path]
  if (issue.code !== 'invalid_union') return { issue, path }
  const branches = issue.errors.filter((issues) => issues.length > 0)
  const best = branches.toSorted((a, b) => depth(b) - depth(a))[0]?.[0]
  if (!best) return { issue, path }
  if (branches.length > 1 && branches.every((issues) => depth(issues) === 0))
    return { issue: typesOf(issue, branches), path }
  return deepest(best, path)
}

/** How far a branch of a union got: a fault inside a value is nearer to the meaning than a wrong type. */
function depth(issues: Issue[]): number {
  const [first] = issues
  if (!first) return 0
  return first.path.length + (first.code === 'invalid_type' ? 0 : 1)
}

function typesOf(issue: Issue, branches: Issue[][]): Issue {
  const types = branches.flatMap(([first]) => (first?.code === 'invalid_type' ? [first.expected] : []))
  return { ...issue, message: `Invalid input: expected ${[...new Set(types)].join(' or ')}` } as Issue
}

/** A list that is too long is told as `checkCount` tells it. */
function wording(issue: Issue): string {
  const isLongList = issue.code === 'too_big' && issue.origin === 'array'
  return isLongList ? `must have at most ${issue.maximum} elements` : lowerFirst(issue.message)
}

function given(issue: Issue): string {
  const value: unknown = issue.input
  if (value === undefined) return ''
  if (typeof value === 'string')
    return value.length > 40 ? `. Given: ${value.length} characters` : `. Given: "${value}"`
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return `. Given: ${value}`
  if (!Array.isArray(value)) return '. Given: an object'
  return issue.code === 'too_big' ? `. Given: ${value.length}` : `. Given: an array of ${value.length}`
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1)
}
