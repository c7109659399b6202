import type { Detection } from '../../core/frame.ts'
import type { ModelRequest } from '../model/loaded-model.ts'
import type { ModelSpec } from '../model/spec.ts'
import type { Fault } from './fault.ts'

/** What a worker thread is started with. */
export interface WorkerStart {
  readonly request: ModelRequest
  /** Lowest score to report; null: the model's own. */
  readonly minScore: number | null
  /** Int32 flags shared with the main thread, by `FLAG`. */
  readonly flags: SharedArrayBuffer
}

/**
 * A process that exits while a session runs is aborted by native code (SIGABRT). The flags let the main thread wait, at
 * the very end and without an event loop, for a run to finish and keep the worker from starting another.
 */
export const FLAG = { closing: 0, running: 1 } as const
export const FLAG_BYTES = 8

/** `rgb` is shared memory that belongs to this worker: the main thread leaves it alone until the answer is there. */
export type ToWorker =
  | {
      readonly kind: 'detect'
      readonly id: number
      readonly width: number
      readonly height: number
      readonly rgb: SharedArrayBuffer
    }
  | { readonly kind: 'stop' }

export type FromWorker =
  | { readonly kind: 'ready'; readonly spec: ModelSpec }
  | { readonly kind: 'refused'; readonly fault: Fault }
  | {
      readonly kind: 'found'
      readonly id: number
      readonly detections: readonly Detection[]
      readonly ms: number
    }
  | { readonly kind: 'failed'; readonly id: number; readonly fault: Fault }
