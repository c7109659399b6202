import type { Detection } from '../../core/frame.ts'
import { type Box, iou } from '../../core/geometry.ts'
import { labelGroup } from './group.ts'

/** What a track offers to be found by: where it was, and where it should be by now. */
export interface Sought {
  readonly group: string
  readonly last: Box
  readonly predicted: Box
}

/** Pairs of indices into the two lists. */
export type Pair = readonly [sought: number, detection: number]

/**
 * Pairs each detection with at most one track of its label group, highest overlap first, at least `minIou`. Greedy
 * instead of the Hungarian method: things of one group that overlap so much that it would differ are one hazard here.
 */
export function associate(
  sought: readonly Sought[],
  detections: readonly Detection[],
  minIou: number,
): readonly Pair[] {
  const candidates: { readonly pair: Pair; readonly overlap: number }[] = []
  sought.forEach((track, s) => {
    detections.forEach((detection, d) => {
      if (labelGroup(detection.label) !== track.group) return
      const overlap = Math.max(iou(track.predicted, detection.box), iou(track.last, detection.box))
      if (overlap >= minIou) candidates.push({ pair: [s, d], overlap })
    })
  })
  // Ties go by index, so that two runs over one film number their tracks alike.
  candidates.sort((a, b) => b.overlap - a.overlap || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1])
  const takenTracks = new Set<number>()
  const takenDetections = new Set<number>()
  const pairs: Pair[] = []
  for (const { pair } of candidates) {
    if (takenTracks.has(pair[0]) || takenDetections.has(pair[1])) continue
    takenTracks.add(pair[0])
    takenDetections.add(pair[1])
    pairs.push(pair)
  }
  return pairs
}

/** One thing named twice (as car and as truck) is one thing: the weaker of two of a group that overlap is dropped. */
export function dropTwins(detections: readonly Detection[], twinIou = 0.7): readonly Detection[] {
  const kept: Detection[] = []
  for (const detection of detections.toSorted((a, b) => b.score - a.score)) {
    const group = labelGroup(detection.label)
    if (!kept.some((k) => labelGroup(k.label) === group && iou(k.box, detection.box) > twinIou))
      kept.push(detection)
  }
  return kept
}
