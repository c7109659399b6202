import type { RawBox } from './family.ts'

/** More boxes than this are never compared: a picture with so many has no use for the weakest. */
const MOST_CANDIDATES = 2_000

/**
 * Greedy non-maximum suppression, each class by itself: the best box stays, those of its class that overlap it by more
 * than `iou` go. Best first; equal scores keep their order, so that two runs give the same list.
 */
export function suppress(boxes: readonly RawBox[], iou: number): RawBox[] {
  const sorted = boxes.toSorted((a, b) => b.score - a.score).slice(0, MOST_CANDIDATES)
  const kept: RawBox[] = []
  for (const box of sorted) {
    if (!kept.some((other) => other.classId === box.classId && overlap(other, box) > iou)) kept.push(box)
  }
  return kept
}

function overlap(a: RawBox, b: RawBox): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left)
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
  if (width <= 0 || height <= 0) return 0
  const shared = width * height
  return shared / (area(a) + area(b) - shared)
}

const area = (box: RawBox) => (box.right - box.left) * (box.bottom - box.top)
