import { modelInvalid } from '../../core/model-fault.ts'
import { type GraphNode, outputSteps } from './output-steps.ts'
import { type Field, fieldsOf, text } from './protobuf.ts'

/** What an ONNX file says about itself beyond what ONNX Runtime tells: read before any native code sees the bytes. */
export interface OnnxFacts {
  readonly producer: string
  readonly irVersion: number
  /** Version of the default operator set. */
  readonly opset: number
  readonly metadata: Readonly<Record<string, string>>
  /** Weights lie in other files beside this one. */
  readonly externalData: boolean
  /** Outputs whose values all leave int8 tensors: the sizes of one step of these. */
  readonly outputSteps: Readonly<Record<string, readonly number[]>>
}

/** Field numbers of onnx.proto3 (onnx/onnx, unchanged since IR version 3). */
const MODEL = { irVersion: 1, producer: 2, graph: 7, opset: 8, metadata: 14 } as const
const GRAPH = { node: 1, initializer: 5, output: 12 } as const
const NODE = { input: 1, output: 2, operator: 4 } as const
const TENSOR = { floats: 4, name: 8, raw: 9, location: 14 } as const

/** Reads the facts of an ONNX file. Throws `model_invalid` saying what the file is instead, where that can be seen. */
export function readOnnx(bytes: Uint8Array): OnnxFacts {
  const other = looksLike(bytes)
  if (other) throw modelInvalid('not_onnx', `not an ONNX file: ${other}`)
  try {
    return readModel(bytes)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw modelInvalid(
      'not_onnx',
      `not an ONNX file, or a truncated one (${bytes.length} bytes): ${reason}. Export or download it again and compare its size and sha256`,
      cause,
    )
  }
}

function readModel(bytes: Uint8Array): OnnxFacts {
  let irVersion = 0
  let producer = ''
  let opset = 0
  let graph: Uint8Array | null = null
  const metadata: Record<string, string> = {}
  for (const field of fieldsOf(bytes)) {
    if (field.number === MODEL.irVersion) irVersion = field.varint
    else if (field.number === MODEL.producer) producer = text(field)
    else if (field.number === MODEL.graph) graph = field.bytes
    else if (field.number === MODEL.opset) {
      const parts = [...fieldsOf(field.bytes)]
      const domain = parts.find((part) => part.number === 1)
      if (!domain || text(domain) === '') opset = parts.find((part) => part.number === 2)?.varint ?? 0
    } else if (field.number === MODEL.metadata) {
      const parts = [...fieldsOf(field.bytes)]
      metadata[text(parts.find((part) => part.number === 1))] = text(parts.find((part) => part.number === 2))
    }
  }
  if (!graph) throw new Error('it holds no graph')
  return { producer, irVersion, opset, metadata, ...readGraph(graph) }
}

function readGraph(bytes: Uint8Array): Pick<OnnxFacts, 'externalData' | 'outputSteps'> {
  const nodes: GraphNode[] = []
  const outputs = new Set<string>()
  const scalars = new Map<string, number>()
  let externalData = false
  for (const field of fieldsOf(bytes)) {
    if (field.number === GRAPH.node) nodes.push(readNode(field.bytes))
    else if (field.number === GRAPH.output) {
      outputs.add(text([...fieldsOf(field.bytes)].find((part) => part.number === 1)))
    } else if (field.number === GRAPH.initializer) {
      const parts = [...fieldsOf(field.bytes)]
      if (parts.find((part) => part.number === TENSOR.location)?.varint === 1) externalData = true
      const value = scalar(parts)
      if (value !== null) scalars.set(text(parts.find((part) => part.number === TENSOR.name)), value)
    }
  }
  return { externalData, outputSteps: outputSteps(nodes, outputs, scalars) }
}

function readNode(bytes: Uint8Array): GraphNode {
  const parts = [...fieldsOf(bytes)]
  const named = (number: number) => parts.filter((part) => part.number === number).map(text)
  return {
    operator: text(parts.find((part) => part.number === NODE.operator)),
    inputs: named(NODE.input),
    outputs: named(NODE.output),
  }
}

/** The single float32 of an initialiser, or null when it is anything larger. */
function scalar(parts: readonly Field[]): number | null {
  const raw = parts.find((part) => part.number === TENSOR.raw)?.bytes
  const floats = parts.find((part) => part.number === TENSOR.floats)?.bytes
  const bytes = raw ?? floats
  if (bytes?.length !== 4) return null
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true)
}

/** Other things that people take for a model, by their first bytes. */
function looksLike(bytes: Uint8Array): string | null {
  if (bytes.length === 0) return 'the file is empty; download it again'
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 64))
  if (head.startsWith('version https://git-lfs'))
    return 'it is a Git LFS pointer; fetch the real file with "git lfs pull"'
  if (head.startsWith('PK'))
    return 'it is a zip archive (a PyTorch .pt file?); export it to ONNX, or unpack it'
  if (/^\s*<(!doctype|html|\?xml)/i.test(head)) return 'it is a web page; download the file itself'
  if (/^\s*[{[]/.test(head)) return 'it is JSON; name the .onnx file or a model manifest ending in .json'
  if (head.startsWith('%PDF') || head.startsWith('\x89PNG') || head.startsWith('\xff\xd8\xff'))
    return 'it is a document or picture'
  if (head.slice(4, 8) === 'TFL3') return 'it is a TensorFlow Lite model; convert it to ONNX'
  if (head.slice(4, 8) === 'ftyp') return 'it is a video'
  return null
}
