import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { SharpEyesError } from '../../core/errors.ts'
import { modelInvalid } from '../../core/model-fault.ts'
import type { Graph, Outputs, TensorShape } from '../family/family.ts'
import { pictureInput } from '../family/tensor.ts'
import { exportedSize } from './input-size.ts'
import type { OnnxFacts } from './onnx-file.ts'

/**
 * One thread a session: the most pictures for a core (2.2 against 5.6 CPU-ms with the default pool), more sessions make
 * more pictures. Errors come as exceptions, so ONNX Runtime's own lines on stderr are turned off (4: fatal only).
 */
const OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 4,
}

type ExtraInputs = Readonly<
  Record<string, { readonly dims: readonly number[]; readonly data: BigInt64Array }>
>

/** A loaded network. `run` blocks its thread while it computes (onnxruntime-node is synchronous underneath). */
export interface Session {
  readonly graph: Graph
  run(data: Float32Array, size: { width: number; height: number }, extra: ExtraInputs): Promise<Outputs>
  release(): Promise<void>
}

/** Loads a network from the exact bytes that were hashed. Throws `model_invalid`. */
export async function openSession(bytes: Uint8Array, facts: OnnxFacts): Promise<Session> {
  if (facts.externalData) {
    throw modelInvalid(
      'external_data',
      'keeps its weights in other files (external data); save it as one file, for example with onnx.save(onnx.load(path), out)',
    )
  }
  const session = await InferenceSession.create(bytes, OPTIONS).catch((error: unknown) => {
    throw explainCreation(error, facts)
  })
  const graph: Graph = {
    inputs: session.inputMetadata.map(tensorShape),
    outputs: session.outputMetadata.map(tensorShape),
    metadata: facts.metadata,
  }
  const pictureName = pictureInput(graph)?.name ?? ''
  return {
    graph,
    async run(data, size, extra) {
      const feeds: Record<string, Tensor> = {
        [pictureName]: new Tensor('float32', data, [1, 3, size.height, size.width]),
      }
      for (const [name, { dims, data: values }] of Object.entries(extra))
        feeds[name] = new Tensor('int64', values, dims)
      const results = await session.run(feeds).catch((error: unknown) => {
        throw explainRun(error, size, graph)
      })
      return results as unknown as Outputs
    },
    release: () => session.release(),
  }
}

function tensorShape(metadata: InferenceSession.ValueMetadata): TensorShape {
  return metadata.isTensor
    ? { name: metadata.name, type: metadata.type, shape: metadata.shape }
    : { name: metadata.name, type: 'not a tensor', shape: [] }
}

const firstLine = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''

function explainCreation(error: unknown, facts: OnnxFacts): SharpEyesError {
  const message = firstLine(error)
  const missing =
    /implementation for (\S+?)\(\d+\) node(?: with name '(.*?)')?/.exec(message) ??
    /(\S+?)\(-?\d+\) is not a registered function\/op/.exec(message) ??
    /No Op registered for (\S+)/.exec(message)
  if (missing) {
    const where = missing[2] ? ` (node "${missing[2]}")` : ''
    return modelInvalid(
      'operator',
      `needs the operator ${missing[1]}${where}, which ONNX Runtime lacks on the CPU. Export it for opset ${facts.opset || 17} without ` +
        'custom operators; of int8 models quantise to uint8 (QUInt8) or as QDQ instead of signed ConvInteger',
      error,
    )
  }
  if (/IR version|opset/i.test(message)) {
    return modelInvalid(
      'too_new',
      `is written in a newer ONNX than this ONNX Runtime reads (${message}); export it for opset 17`,
      error,
    )
  }
  return modelInvalid('load', `cannot be loaded by ONNX Runtime: ${message}`, error)
}

function explainRun(error: unknown, size: { width: number; height: number }, graph: Graph): SharpEyesError {
  const message = firstLine(error)
  const node = /running (\S+) node\. Name:'([^']*)'/.exec(message)
  const exported = exportedSize(graph)
  const hint =
    exported && (exported.width !== size.width || exported.height !== size.height)
      ? `; the file says that it was exported for ${exported.width}x${exported.height}, so the size of its input was changed afterwards. Export it again for ${size.width}x${size.height}`
      : '; the graph was probably exported for another size. Export it again for this one, or correct input.width and input.height of its manifest'
  return node
    ? modelInvalid(
        'run',
        `fails at an input of ${size.width}x${size.height} in the node ${node[2]} (${node[1]})${hint}`,
        error,
      )
    : modelInvalid('run', `fails at an input of ${size.width}x${size.height}: ${message}${hint}`, error)
}
