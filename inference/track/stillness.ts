import { type Box, iou } from '../../core/geometry.ts'

/** Boxes remembered for the smoothed position (Frigate's norfair tracker: the last 10). */
const REMEMBERED = 10
/** Overlap with the place where it came to stand, below which it has moved (Frigate's stationary check: 0.6). */
const SAME_PLACE_IOU = 0.6
/** A thing is called still only after it held its place this long: slow driving is no standing. */
const SETTLE_MS = 1_500

/**
 * Whether one followed thing stands, judged by its place over time and not from frame to frame: boxes of a detector
 * jitter, and somebody who walks past shrinks them for a moment.
 */
export interface Stillness {
  /** Media time since which it stands, or null while it moves. */
  since(nowMs: number): number | null
  /** 15th percentile of left and top, 85th of right and bottom over the remembered boxes. */
  smoothed(): Box
  seen(box: Box, atMs: number): void
}

export function createStillness(box: Box, atMs: number): Stillness {
  let boxes: readonly Box[] = [box]
  let anchor = box
  let anchoredAt = atMs
  let holds = false

  return {
    since: (nowMs) => (holds && nowMs - anchoredAt >= SETTLE_MS ? anchoredAt : null),
    smoothed: () => percentileBox(boxes),
    seen(next, at) {
      boxes = [...boxes, next].slice(-REMEMBERED)
      // It has left only when its latest box and the middle of its last five both say so.
      const moved =
        iou(next, anchor) < SAME_PLACE_IOU && iou(medianBox(boxes.slice(-5)), anchor) < SAME_PLACE_IOU
      if (moved) {
        anchor = next
        anchoredAt = at
        boxes = [next]
        holds = false
      } else holds = true
    },
  }
}

function percentileBox(boxes: readonly Box[]): Box {
  return [at(boxes, 0, 0.15), at(boxes, 1, 0.15), at(boxes, 2, 0.85), at(boxes, 3, 0.85)]
}

function medianBox(boxes: readonly Box[]): Box {
  return [at(boxes, 0, 0.5), at(boxes, 1, 0.5), at(boxes, 2, 0.5), at(boxes, 3, 0.5)]
}

function at(boxes: readonly Box[], side: 0 | 1 | 2 | 3, share: number): number {
  const sorted = boxes.map((box) => box[side]).sort((a, b) => a - b)
  const position = (sorted.length - 1) * share
  const low = sorted[Math.floor(position)] as number
  const high = sorted[Math.ceil(position)] as number
  return low + (high - low) * (position - Math.floor(position))
}
