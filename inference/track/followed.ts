import type { Detection, Track } from '../../core/frame.ts'
import { type Box, boxCentre, clampBox } from '../../core/geometry.ts'
import { labelGroup } from './group.ts'
import { createStillness } from './stillness.ts'

/** Scores whose median judges a track (Frigate: the last 10). */
const SCORES = 10
/** A thing out of sight is looked for further along its way at most this long; then where it would be by then. */
const PREDICT_MS = 2_000

/** One thing on its way through the picture. */
export interface Followed {
  readonly group: string
  readonly lastSeenMs: number
  predict(nowMs: number): Box
  seen(detection: Detection, atMs: number): void
  /** How long it may be out of sight before it is forgotten. */
  patienceMs(): number
  view(nowMs: number): Track
}

export function createFollowed(id: number, first: Detection, atMs: number): Followed {
  const labels = new Map<string, number>([[first.label, first.score]])
  const stillness = createStillness(first.box, atMs)
  let scores: readonly number[] = [first.score]
  let box = first.box
  let velocity: readonly [number, number] = [0, 0]
  let lastSeenMs = atMs
  let gapMs = 0
  let hits = 1

  return {
    group: labelGroup(first.label),
    get lastSeenMs() {
      return lastSeenMs
    },
    predict(nowMs) {
      const ahead = Math.min(nowMs - lastSeenMs, PREDICT_MS)
      const [dx, dy] = [velocity[0] * ahead, velocity[1] * ahead]
      return clampBox([box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy])
    },
    seen(detection, at) {
      const elapsed = at - lastSeenMs
      if (elapsed > 0) {
        const [x0, y0] = boxCentre(box)
        const [x1, y1] = boxCentre(detection.box)
        // Half old, half new: constant velocity without the jitter of one box.
        velocity = [
          (velocity[0] + (x1 - x0) / elapsed) / (hits > 1 ? 2 : 1),
          (velocity[1] + (y1 - y0) / elapsed) / (hits > 1 ? 2 : 1),
        ]
        gapMs = gapMs === 0 ? elapsed : gapMs * 0.8 + elapsed * 0.2
      }
      labels.set(detection.label, (labels.get(detection.label) ?? 0) + detection.score)
      scores = [...scores, detection.score].slice(-SCORES)
      box = detection.box
      lastSeenMs = at
      hits += 1
      stillness.seen(detection.box, at)
    },
    patienceMs() {
      // What stands is hidden by what drives past; what moves is soon elsewhere. At key frames only, three of them.
      const still = stillness.since(lastSeenMs) !== null
      return Math.max(still ? 30_000 : 2_000, gapMs * 3)
    },
    view(nowMs) {
      const still = stillness.since(Math.max(nowMs, lastSeenMs))
      return {
        id,
        label: heaviest(labels),
        box: still === null ? box : stillness.smoothed(),
        score: scores.at(-1) ?? 0,
        medianScore: median(scores),
        firstSeenMs: atMs,
        lastSeenMs,
        stillSinceMs: still,
        hits,
      }
    },
  }
}

function heaviest(labels: ReadonlyMap<string, number>): string {
  let best = ''
  let weight = -1
  for (const [label, w] of labels) if (w > weight) [best, weight] = [label, w]
  return best
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const high = sorted[middle] as number
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] as number) + high) / 2
}
