/**
 * Writes small real ONNX files by hand, so that loading, faults and threads are tested with ONNX Runtime itself and
 * without any model of others.
 */
interface OnnxNode {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly domain?: string
}

interface OnnxTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array | BigInt64Array
  readonly external?: boolean
}

interface OnnxValue {
  readonly name: string
  readonly shape: readonly (number | string)[]
}

export interface OnnxModel {
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly nodes: readonly OnnxNode[]
  readonly tensors?: readonly OnnxTensor[]
  readonly metadata?: Readonly<Record<string, string>>
}

type Bytes = Uint8Array

function varint(value: number): Bytes {
  const bytes: number[] = []
  let rest = value
  do {
    bytes.push((rest % 128) | (rest >= 128 ? 128 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return Uint8Array.from(bytes)
}

const integer = (field: number, value: number): Bytes => Buffer.concat([varint(field * 8), varint(value)])
export const message = (field: number, ...parts: readonly Bytes[]): Bytes => {
  const body = Buffer.concat(parts)
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body])
}
export const string = (field: number, value: string): Bytes => message(field, Buffer.from(value))

const FLOAT = 1
const INT64 = 7

function value(field: number, { name, shape }: OnnxValue): Bytes {
  const axes = shape.map((axis) => message(1, typeof axis === 'number' ? integer(1, axis) : string(2, axis)))
  return message(field, string(1, name), message(2, message(1, integer(1, FLOAT), message(2, ...axes))))
}

export function tensor({ name, shape, values, external }: OnnxTensor): Bytes {
  const type = values instanceof Float32Array ? FLOAT : INT64
  const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  const body = external
    ? [message(13, string(1, 'location'), string(2, 'weights.bin')), integer(14, 1)]
    : [message(9, raw)]
  return message(5, ...shape.map((axis) => integer(1, axis)), integer(2, type), string(8, name), ...body)
}

export const node = ({ operator, inputs, outputs, domain }: OnnxNode): Bytes =>
  message(
    1,
    ...inputs.map((name) => string(1, name)),
    ...outputs.map((name) => string(2, name)),
    string(3, `${operator} to ${outputs[0]}`),
    string(4, operator),
    ...(domain === undefined ? [] : [string(7, domain)]),
  )

/** `metadata_props`, as they stand in an ONNX file; at the end of a whole one they outdo those that it has. */
export const metadata = (entries: Readonly<Record<string, string>>): Bytes =>
  Buffer.concat(Object.entries(entries).map(([key, value]) => message(14, string(1, key), string(2, value))))

/** The bytes of an ONNX file (IR version 8, opset 13). */
export function onnxBytes(model: OnnxModel): Uint8Array {
  const graph = message(
    7,
    ...model.nodes.map(node),
    string(2, 'graph'),
    ...(model.tensors ?? []).map(tensor),
    ...model.inputs.map((input) => value(11, input)),
    ...model.outputs.map((output) => value(12, output)),
  )
  const domains = [...new Set(model.nodes.flatMap(({ domain }) => domain ?? []))]
  return Buffer.concat([
    integer(1, 8),
    string(2, 'test'),
    graph,
    message(8, string(1, ''), integer(2, 13)),
    ...domains.map((domain) => message(8, string(1, domain), integer(2, 1))),
    metadata(model.metadata ?? {}),
  ])
}

/**
 * A real YOLOX-shaped network of one class over 32x32 whose output is its input: the first 126 values of the first colour
 * plane are its 21 rows of x, y, w, h, objectness, score. A test draws what it wants found (see `drawFinding`).
 */
export function echoModel(changes: Partial<OnnxModel> = {}): Uint8Array {
  return onnxBytes({
    inputs: [{ name: 'images', shape: [1, 3, 32, 32] }],
    outputs: [{ name: 'output', shape: [1, 21, 6] }],
    nodes: [
      { operator: 'Reshape', inputs: ['images', 'flat'], outputs: ['line'] },
      { operator: 'Slice', inputs: ['line', 'from', 'to', 'axis'], outputs: ['head'] },
      { operator: 'Reshape', inputs: ['head', 'rows'], outputs: ['output'] },
    ],
    tensors: [
      { name: 'flat', shape: [2], values: BigInt64Array.of(1n, 3072n) },
      { name: 'from', shape: [1], values: BigInt64Array.of(0n) },
      { name: 'to', shape: [1], values: BigInt64Array.of(126n) },
      { name: 'axis', shape: [1], values: BigInt64Array.of(1n) },
      { name: 'rows', shape: [3], values: BigInt64Array.of(1n, 21n, 6n) },
    ],
    ...changes,
  })
}

/** As `echoModel`, but a run takes some tenths of a second: 13 billion operations on the way to adding nothing. */
export function slowModel(): Uint8Array {
  const side = 1024
  const times = 6
  const products = Array.from({ length: times }, (_, i) => ({
    operator: 'MatMul',
    inputs: [`product${i}`, 'product0'],
    outputs: [`product${i + 1}`],
  }))
  return echoModel({
    nodes: [
      { operator: 'Reshape', inputs: ['images', 'flat'], outputs: ['line'] },
      { operator: 'Slice', inputs: ['line', 'from', 'to', 'axis'], outputs: ['head'] },
      { operator: 'Reshape', inputs: ['head', 'rows'], outputs: ['echo'] },
      { operator: 'Slice', inputs: ['line', 'from', 'side', 'axis'], outputs: ['across'] },
      { operator: 'Reshape', inputs: ['across', 'upright'], outputs: ['down'] },
      { operator: 'MatMul', inputs: ['down', 'across'], outputs: ['product0'] },
      ...products,
      { operator: 'ReduceMax', inputs: [`product${times}`], outputs: ['largest'] },
      { operator: 'Mul', inputs: ['largest', 'nothing'], outputs: ['zero'] },
      { operator: 'Reshape', inputs: ['zero', 'one'], outputs: ['offset'] },
      { operator: 'Add', inputs: ['echo', 'offset'], outputs: ['output'] },
    ],
    tensors: [
      { name: 'flat', shape: [2], values: BigInt64Array.of(1n, 3072n) },
      { name: 'from', shape: [1], values: BigInt64Array.of(0n) },
      { name: 'to', shape: [1], values: BigInt64Array.of(126n) },
      { name: 'axis', shape: [1], values: BigInt64Array.of(1n) },
      { name: 'rows', shape: [3], values: BigInt64Array.of(1n, 21n, 6n) },
      { name: 'side', shape: [1], values: BigInt64Array.of(BigInt(side)) },
      { name: 'upright', shape: [2], values: BigInt64Array.of(BigInt(side), 1n) },
      { name: 'one', shape: [1], values: BigInt64Array.of(1n) },
      { name: 'nothing', shape: [1], values: Float32Array.of(0) },
    ],
  })
}

/** The manifest of `echoModel`, as JSON. */
export function echoManifest(sha256: string, changes: object = {}): object {
  return {
    id: 'echo',
    file: 'echo.onnx',
    family: 'yolox',
    labels: ['thing'],
    input: { width: 32, height: 32, order: 'RGB', range: '0-1', resize: { kind: 'stretch' } },
    thresholds: { score: 0.5, nmsIou: 0.45 },
    sha256,
    licence: 'CC0-1.0',
    source: 'made by the test',
    ...changes,
  }
}

/** A 32x32 picture in which `echoModel` finds one thing per entry: cell 0..15 (8 pixels wide each), score 0..1. */
export function drawFinding(...findings: readonly { readonly cell: number; readonly score: number }[]): {
  width: number
  height: number
  rgb: Uint8Array
} {
  const rgb = new Uint8Array(32 * 32 * 3)
  for (const { cell, score } of findings) {
    const row = [0.5, 0.5, 0, 0, score, 1]
    row.forEach((v, i) => {
      rgb[(cell * 6 + i) * 3] = Math.round(v * 255)
    })
  }
  return { width: 32, height: 32, rgb }
}
