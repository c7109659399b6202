import { parentPort, workerData } from 'node:worker_threads'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import { type LoadedModel, loadModel } from '../model/loaded-model.ts'
import { type Fault, faultOf } from './fault.ts'
import { FLAG, type FromWorker, type ToWorker, type WorkerStart } from './protocol.ts'

/**
 * The body of a worker thread: loads its model, then answers one picture at a time until it is told to stop. It is never
 * terminated from outside: that aborts the whole process while a session runs.
 */
const port = parentPort
if (!port) throw new SharpEyesError('internal', 'inference-thread.ts runs as a worker thread only')
const { request, minScore, flags } = workerData as WorkerStart
const flag = new Int32Array(flags)
const send = (message: FromWorker) => port.postMessage(message)

/** Marks the time in which the process must not exit; runs nothing once it is closing. */
async function guarded<T>(run: () => Promise<T>): Promise<T> {
  Atomics.store(flag, FLAG.running, 1)
  try {
    if (Atomics.load(flag, FLAG.closing) === 1)
      throw new SharpEyesError('not_ready', 'the process is exiting')
    return await run()
  } finally {
    Atomics.store(flag, FLAG.running, 0)
    Atomics.notify(flag, FLAG.running)
  }
}

function toFault(error: unknown): Fault {
  const fault = faultOf(toSharpEyesError(error))
  return error instanceof SharpEyesError ? fault : { ...fault, code: 'model_failed' }
}

async function answer(model: LoadedModel, message: Extract<ToWorker, { kind: 'detect' }>): Promise<void> {
  const { id, width, height, rgb } = message
  try {
    const began = performance.now()
    const picture = { width, height, rgb: new Uint8Array(rgb, 0, width * height * 3) }
    const detections = await guarded(() => model.detect(picture, minScore ?? undefined))
    send({ kind: 'found', id, detections, ms: performance.now() - began })
  } catch (error) {
    send({ kind: 'failed', id, fault: toFault(error) })
  }
}

async function serve(): Promise<void> {
  let model: LoadedModel
  try {
    model = await guarded(() => loadModel(request))
  } catch (error) {
    send({ kind: 'refused', fault: toFault(error) })
    port?.close()
    return
  }
  send({ kind: 'ready', spec: model.spec })
  // One message after the other: the main thread sends the next picture only after an answer, and a stop comes last.
  let last: Promise<void> = Promise.resolve()
  port?.on('message', (message: ToWorker) => {
    last = last.then(async () => {
      if (message.kind === 'detect') return answer(model, message)
      await model.release()
      port?.close()
    })
  })
}

await serve()
