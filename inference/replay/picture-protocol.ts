import type { DryRunRequest } from '../../core/dry-run.ts'
import type { Attention, Detection, Frame } from '../../core/frame.ts'
import type { TrackLogHead } from '../../core/track-log.ts'
import type { Fault } from '../worker/fault.ts'
import type { JudgedSet } from './picture-replay.ts'

export interface PictureThreadStart {
  readonly request: DryRunRequest
  readonly head: TrackLogHead | null
  /** 0..19: how far the thread steps back behind the others of the process. */
  readonly niceness: number
}

/** One at a time: the next message follows the answer. */
export type ToPictureThread =
  | {
      readonly kind: 'picture'
      readonly frame: Frame
      readonly takes: readonly boolean[]
      readonly detections: readonly Detection[] | null
    }
  | { readonly kind: 'finish' }

export type FromPictureThread =
  | { readonly kind: 'stepped'; readonly attentions: readonly Attention[] }
  | { readonly kind: 'found'; readonly judged: readonly JudgedSet[] }
  | { readonly kind: 'failed'; readonly fault: Fault }
