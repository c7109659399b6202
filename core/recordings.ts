import type { Actor } from './actor.ts'
import type { EpochMs } from './units.ts'

/** Of one kept range: each minute of it costs a worker about as long to mask. */
export const MAX_KEPT_MS = 10 * 60_000
/** Longer ranges are cut into clips of this length: between two of them the clips of alerts have their turn. */
export const PIECE_MS = 60_000

export interface KeepRange {
  readonly camera: string
  readonly from: EpochMs
  readonly to: EpochMs
  /** What of it is recorded, at most a minute each: a clip never spans two connections. */
  readonly pieces: readonly { readonly from: EpochMs; readonly to: EpochMs }[]
  readonly reason: string
  /** Null: evidence of its own. */
  readonly caseNo: string | null
}

export interface KeptRange {
  readonly id: string
  /** What has to be pinned at the worker until its clip is made. */
  readonly pins: readonly { readonly id: string; readonly from: EpochMs; readonly to: EpochMs }[]
}

/** Keeping of recordings (implemented in alerts/). Its clips are made as those of alerts. */
export interface RecordingCommands {
  keep(range: KeepRange, actor: Actor): Promise<KeptRange>
}

/** Recorded stretches as far as they lie in [from, to], each in pieces of at most `PIECE_MS`. */
export function piecesOf(
  stretches: readonly { readonly from: EpochMs; readonly to: EpochMs }[],
  from: EpochMs,
  to: EpochMs,
): { from: EpochMs; to: EpochMs }[] {
  return stretches.flatMap((stretch) => {
    const begin = Math.max(stretch.from, from)
    const end = Math.min(stretch.to, to)
    // In pieces of one length: a minute and a second is no clip of one second.
    const count = Math.max(1, Math.ceil((end - begin) / PIECE_MS))
    if (end <= begin) return []
    const at = (n: number) => Math.round(begin + ((end - begin) * n) / count)
    return Array.from({ length: count }, (_, n) => ({ from: at(n), to: at(n + 1) }))
  })
}
