import type { RecordedStretch } from '../../core/ports/recordings.ts'
import type { EpochMs } from '../../core/units.ts'
import type { RingFileFacts } from '../ring/ring.ts'
import type { RingFrame } from '../ring/scan.ts'

/** Slower cameras send a picture a second: what is further apart was not recorded. */
export const HOLE_MS = 1_500

/** Files in order of their beginnings → stretches: a new connection or a hole begins another one. */
export function stretchesOf(
  files: readonly Pick<RingFileFacts, 'connection' | 'from' | 'to'>[],
): RecordedStretch[] {
  const stretches: RecordedStretch[] = []
  for (const { connection, from, to } of files) {
    const last = stretches.at(-1)
    if (last && last.connection === connection && from - last.to <= HOLE_MS)
      stretches[stretches.length - 1] = { ...last, to: Math.max(last.to, to) }
    else stretches.push({ connection, from, to })
  }
  return stretches
}

type Timed = Pick<RingFrame, 'key' | 'capturedAt' | 'bytes'>

/** Index of the last key frame that is not later than `at`, else of the first one; -1: there is none. */
export function keyAtOrBefore(frames: readonly Timed[], at: EpochMs): number {
  const index = frames.findLastIndex((frame) => frame.key && frame.capturedAt <= at)
  return index >= 0 ? index : frames.findIndex((frame) => frame.key)
}

/**
 * Whole groups of pictures from the one with `at` on, about `lengthMs` long and at most `bytes` (but at least one group),
 * none of them from `before` on, where another file takes over. `next`: the key frame after them; null: the file ends.
 * Null: everything in the file is over some time before `at`.
 */
export function partFrames<T extends Timed>(
  frames: readonly T[],
  at: EpochMs,
  limit: { readonly lengthMs: number; readonly bytes: number; readonly before: EpochMs | null },
): { readonly frames: readonly T[]; readonly next: EpochMs | null } | null {
  const first = keyAtOrBefore(frames, at)
  const begin = frames[first]
  const latest = frames.reduce((max, { capturedAt }) => Math.max(max, capturedAt), 0)
  if (!begin || latest + HOLE_MS < at) return null
  let bytes = 0
  for (let index = first; index < frames.length; index++) {
    const frame = frames[index]
    if (!frame) break
    const isNext = index > first && frame.key && frame.capturedAt > begin.capturedAt
    if (isNext && limit.before !== null && frame.capturedAt >= limit.before)
      return { frames: frames.slice(first, index), next: null }
    // As far as `at` in any case: what was asked for is in the answer.
    const enough = frame.capturedAt - Math.max(begin.capturedAt, at) >= limit.lengthMs || bytes > limit.bytes
    if (isNext && frame.capturedAt > at && enough)
      return { frames: frames.slice(first, index), next: frame.capturedAt }
    bytes += frame.bytes
  }
  return { frames: frames.slice(first), next: null }
}
