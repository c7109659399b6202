import type { Detection, Track } from '../../core/frame.ts'
import { associate, dropTwins, type Pair } from './associate.ts'
import { createFollowed, type Followed } from './followed.ts'

export interface TrackerOptions {
  /** A detection at or above this score may begin a track; weaker ones only continue tracks. */
  readonly highScore: number
  /** Weaker detections than this are not looked at. */
  readonly lowScore: number
}

/** Follows things within one connection of one camera. Numbers are anonymous and say nothing beyond it. */
export interface Tracker {
  /** Takes the detections of one picture; answers every track still followed, also those out of sight. */
  step(detections: readonly Detection[], nowMs: number): readonly Track[]
  /** Forgets all: a new connection, a loop of a played file, a cut. */
  reset(): void
}

const FIRST_PASS_IOU = 0.2
const SECOND_PASS_IOU = 0.4
/** Bound of followed things: beyond it the longest unseen is forgotten. */
const MOST = 200

/**
 * Two-stage matching by overlap (the idea of ByteTrack, arXiv 2110.06864): strong detections take their tracks
 * first, then weak ones (half hidden, blurred) keep the tracks alive that are left. Deterministic.
 */
export function createTracker(options: TrackerOptions = { highScore: 0.4, lowScore: 0.1 }): Tracker {
  let followed: readonly Followed[] = []
  let nextId = 1

  const match = (
    tracks: readonly Followed[],
    detections: readonly Detection[],
    nowMs: number,
    minIou: number,
  ) => {
    const pairs: readonly Pair[] = associate(
      tracks.map((t) => ({ group: t.group, last: t.view(nowMs).box, predicted: t.predict(nowMs) })),
      detections,
      minIou,
    )
    for (const [t, d] of pairs) tracks[t]?.seen(detections[d] as Detection, nowMs)
    const [usedTracks, usedDetections] = [new Set(pairs.map((p) => p[0])), new Set(pairs.map((p) => p[1]))]
    return {
      tracks: tracks.filter((_, i) => !usedTracks.has(i)),
      detections: detections.filter((_, i) => !usedDetections.has(i)),
    }
  }

  return {
    step(all, nowMs) {
      const detections = dropTwins(all.filter((d) => d.score >= options.lowScore))
      const strong = detections.filter((d) => d.score >= options.highScore)
      const weak = detections.filter((d) => d.score < options.highScore)
      const afterStrong = match(followed, strong, nowMs, FIRST_PASS_IOU)
      match(afterStrong.tracks, weak, nowMs, SECOND_PASS_IOU)
      const born = afterStrong.detections.map((d) => createFollowed(nextId++, d, nowMs))
      followed = [...followed, ...born]
        .filter((t) => nowMs - t.lastSeenMs <= t.patienceMs())
        .toSorted((a, b) => b.lastSeenMs - a.lastSeenMs)
        .slice(0, MOST)
      return followed.map((t) => t.view(nowMs)).sort((a, b) => a.id - b.id)
    },
    reset() {
      followed = []
      nextId = 1
    },
  }
}
