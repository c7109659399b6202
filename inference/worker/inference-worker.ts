import { Worker } from 'node:worker_threads'
import { SharpEyesError } from '../../core/errors.ts'
import type { Detection } from '../../core/frame.ts'
import type { ModelRequest } from '../model/loaded-model.ts'
import type { Picture } from '../model/preprocess.ts'
import type { ModelSpec } from '../model/spec.ts'
import { guardExit } from './exit-guard.ts'
import { toError } from './fault.ts'
import { FLAG_BYTES, type FromWorker, type ToWorker } from './protocol.ts'

export interface Found {
  readonly detections: readonly Detection[]
  /** Milliseconds in the worker: pre-processing, run and post-processing. */
  readonly ms: number
}

/** One worker with one loaded model, as the pool sees it. It takes one picture at a time. */
export interface InferenceWorker {
  /** Resolves when the model is loaded and has proved its runs; rejects with why it cannot be used. */
  readonly ready: Promise<ModelSpec>
  /** False from the moment at which the thread is gone. */
  readonly alive: boolean
  /** Rejects with `model_failed` when the model fails or the worker dies. Copies the picture before it returns. */
  detect(picture: Picture): Promise<Found>
  /** Resolves when the worker is gone, for whatever reason; never rejects. The text says why. */
  readonly gone: Promise<string>
  /** Lets a run finish, releases the model and waits until the worker is gone. */
  stop(): Promise<void>
}

interface Pending {
  readonly id: number
  readonly resolve: (found: Found) => void
  readonly reject: (error: SharpEyesError) => void
}

const THREAD = new URL('./inference-thread.ts', import.meta.url)

/** Starts a worker thread that loads `request`. `script` is the thread's own file; tests start one that dies. */
export function startInferenceWorker(
  request: ModelRequest,
  minScore: number | null,
  script: URL = THREAD,
): InferenceWorker {
  const flags = new SharedArrayBuffer(FLAG_BYTES)
  const worker = new Worker(script, { workerData: { request, minScore, flags }, name: 'inference' })
  const unguard = guardExit(flags)
  const ready = Promise.withResolvers<ModelSpec>()
  const gone = Promise.withResolvers<string>()
  // Who waits for neither must not bring the process down: the pool looks at `ready` and `detect` by itself.
  ready.promise.catch(() => undefined)
  let pending: Pending | null = null
  let frame = new SharedArrayBuffer(0)
  let nextId = 1
  let crash: string | null = null
  let death: SharpEyesError | null = null

  const settle = (id: number): Pending | null => {
    if (pending?.id !== id) return null
    const call = pending
    pending = null
    return call
  }

  worker.on('message', (message: FromWorker) => {
    switch (message.kind) {
      case 'ready':
        ready.resolve(message.spec)
        break
      case 'refused':
        ready.reject(toError(message.fault))
        break
      case 'found':
        settle(message.id)?.resolve(message)
        break
      case 'failed':
        settle(message.id)?.reject(toError(message.fault))
        break
    }
  })
  worker.on('error', (error: unknown) => {
    crash = error instanceof Error ? error.message : String(error)
  })
  worker.on('exit', (code) => {
    unguard()
    const why = crash ?? `exit code ${code}`
    death = new SharpEyesError('model_failed', `the inference worker died: ${why}`)
    ready.reject(death)
    if (pending) settle(pending.id)?.reject(death)
    gone.resolve(why)
  })

  const post = (message: ToWorker) => worker.postMessage(message)
  return {
    ready: ready.promise,
    gone: gone.promise,
    get alive() {
      return death === null
    },
    detect({ width, height, rgb }) {
      if (death) return Promise.reject(death)
      if (pending)
        return Promise.reject(
          new SharpEyesError('internal', 'an inference worker takes one picture at a time'),
        )
      const bytes = width * height * 3
      if (rgb.length !== bytes) {
        return Promise.reject(
          new SharpEyesError(
            'internal',
            `a picture of ${width}x${height} has ${bytes} bytes, got ${rgb.length}`,
          ),
        )
      }
      // The caller keeps its picture. One copy into memory that both threads see: no allocation, nothing to collect.
      if (frame.byteLength < bytes) frame = new SharedArrayBuffer(bytes)
      new Uint8Array(frame).set(rgb)
      const id = nextId++
      return new Promise((resolve, reject) => {
        pending = { id, resolve, reject }
        post({ kind: 'detect', id, width, height, rgb: frame })
      })
    },
    async stop() {
      post({ kind: 'stop' })
      await gone.promise
    },
  }
}
