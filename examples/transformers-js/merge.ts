/**
 * Joins the stages of a packed encoder to one ONNX graph, because other runtimes want one file. ONNX files are
 * protocol buffers, so this copies fields and changes none: the nodes and initializers of each stage one after the
 * other, the inputs that no earlier stage gives, the outputs of the last. Weights stay outside, under their own names.
 *
 * Stages must agree on opsets and share no initializer names; training/package.py writes them so.
 */

/** Field numbers of onnx.proto. */
const MODEL = { graph: 7 }
const GRAPH = { input: 11, output: 12, valueInfo: 13 }
const VALUE_INFO = { name: 1 }

/** One field as it stands in the file: its number, all its bytes, and the bytes of its value. */
interface Field {
  readonly number: number
  readonly bytes: Uint8Array
  readonly value: Uint8Array
}

export function mergeStages(stages: readonly Uint8Array[]): Uint8Array {
  const models = stages.map(readFields)
  const graphs = models.map((model) => readFields((model.find(({ number }) => number === MODEL.graph) as Field).value))
  const given = new Set(graphs.flatMap((graph) => named(graph, GRAPH.output)))
  const kept = graphs.flatMap((graph, stage) =>
    graph.filter((field) => {
      if (field.number === GRAPH.input) return !given.has(nameOf(field))
      if (field.number === GRAPH.output) return stage === graphs.length - 1
      if (field.number === GRAPH.valueInfo) return true
      return isRepeated(field.number) || stage === 0
    }),
  )
  const inputs = new Set<string>()
  const graph = kept.filter((field) => {
    if (field.number !== GRAPH.input) return true
    const isNew = !inputs.has(nameOf(field))
    inputs.add(nameOf(field))
    return isNew
  })
  const others = (models[0] as Field[]).filter(({ number }) => number !== MODEL.graph)
  return concatenate([...others.map(({ bytes }) => bytes), writeField(MODEL.graph, graph)])
}

/** Of a graph: nodes, initializers (dense and sparse). */
function isRepeated(number: number): boolean {
  return number === 1 || number === 5 || number === 15
}

function named(graph: readonly Field[], number: number): string[] {
  return graph.filter((field) => field.number === number).map(nameOf)
}

function nameOf(valueInfo: Field): string {
  const name = readFields(valueInfo.value).find(({ number }) => number === VALUE_INFO.name)
  return new TextDecoder().decode(name?.value)
}

/** @throws RangeError on a wire type that onnx.proto does not use */
function readFields(bytes: Uint8Array): Field[] {
  const fields: Field[] = []
  for (let at = 0; at < bytes.length; ) {
    const start = at
    const [key, valueAt] = readVarint(bytes, at)
    let from = valueAt
    let to: number
    const type = key & 7
    if (type === 0) to = readVarint(bytes, valueAt)[1]
    else if (type === 1) to = valueAt + 8
    else if (type === 5) to = valueAt + 4
    else if (type === 2) {
      const [length, dataAt] = readVarint(bytes, valueAt)
      from = dataAt
      to = dataAt + length
    } else throw new RangeError(`not an ONNX file: wire type ${type} at byte ${start}`)
    fields.push({ number: key >>> 3, bytes: bytes.subarray(start, to), value: bytes.subarray(from, to) })
    at = to
  }
  return fields
}

function readVarint(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] as number
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return [value, at]
  }
}

function writeField(number: number, fields: readonly Field[]): Uint8Array {
  const value = concatenate(fields.map(({ bytes }) => bytes))
  return concatenate([writeVarint(number * 8 + 2), writeVarint(value.length), value])
}

function writeVarint(value: number): Uint8Array {
  const bytes: number[] = []
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(Math.floor(value / 128 ** bytes.length))
  return Uint8Array.from(bytes)
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
