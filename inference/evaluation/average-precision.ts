import type { Detection } from '../../core/frame.ts'
import { type Box, iou } from '../../core/geometry.ts'

/** Overlaps of COCO's AP: 0.50, 0.55 … 0.95. */
export const OVERLAPS: readonly number[] = Array.from({ length: 10 }, (_, n) => 0.5 + n * 0.05)
/** Recalls at which COCO reads the precision: 0, 0.01 … 1. */
const RECALLS = 101

/** What was found and what is there, of one label in one picture. Boxes are shares of the picture. */
export interface LabelledPicture {
  readonly found: readonly Pick<Detection, 'score' | 'box'>[]
  readonly truth: readonly Box[]
}

/** A found box, and whether it is one that is there. */
export interface Judged {
  readonly score: number
  readonly right: boolean
}

/**
 * Gives the boxes of a picture to what is there, best score first: each takes the thing it overlaps most among those that
 * nobody has, from `overlap` on (COCO, pycocotools `evaluateImg`).
 */
export function judgePicture({ found, truth }: LabelledPicture, overlap: number): readonly Judged[] {
  const taken = new Set<number>()
  return found
    .toSorted((a, b) => b.score - a.score)
    .map(({ score, box }) => {
      let best = -1
      let most = overlap
      truth.forEach((there, index) => {
        if (taken.has(index)) return
        const shared = iou(box, there)
        if (shared < most) return
        most = shared
        best = index
      })
      if (best >= 0) taken.add(best)
      return { score, right: best >= 0 }
    })
}

/**
 * COCO's average precision at one overlap: the mean over 101 recalls of the best precision at that recall or a higher one
 * (pycocotools `accumulate`). 0..1; null when there is nothing to find.
 */
export function averagePrecision(judged: readonly Judged[], boxes: number): number | null {
  if (boxes === 0) return null
  const sorted = judged.toSorted((a, b) => b.score - a.score)
  const recalls: number[] = []
  const precisions: number[] = []
  let right = 0
  sorted.forEach((one, index) => {
    if (one.right) right += 1
    recalls.push(right / boxes)
    precisions.push(right / (index + 1))
  })
  for (let i = precisions.length - 2; i >= 0; i--)
    precisions[i] = Math.max(precisions[i] as number, precisions[i + 1] as number)
  let sum = 0
  let at = 0
  for (let n = 0; n < RECALLS; n++) {
    // As a whole number over 100: 0.29 in floating point is a little more than 29 of 100.
    while (at < recalls.length && (recalls[at] as number) * (RECALLS - 1) < n - 1e-9) at += 1
    sum += precisions[at] ?? 0
  }
  return sum / RECALLS
}
