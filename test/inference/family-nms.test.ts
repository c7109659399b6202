import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RawBox } from '../../inference/family/family.ts'
import { suppress } from '../../inference/family/nms.ts'

const box = (score: number, left: number, right = left + 10, classId = 0): RawBox => ({
  classId,
  score,
  left,
  right,
  top: 0,
  bottom: 10,
})

const boxes = fc.array(
  fc
    .tuple(
      fc.integer({ min: 0, max: 2 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: -50, max: 500, noNaN: true }),
      fc.double({ min: -50, max: 500, noNaN: true }),
      fc.double({ min: 0.5, max: 200, noNaN: true }),
      fc.double({ min: 0.5, max: 200, noNaN: true }),
    )
    .map(([classId, score, left, top, width, height]): RawBox => {
      return { classId, score, left, top, right: left + width, bottom: top + height }
    }),
  { maxLength: 60 },
)
const limit = fc.double({ min: 0.05, max: 0.95, noNaN: true })

test('the best of a heap stays, other classes and neighbours too', () => {
  const kept = suppress([box(0.5, 1), box(0.9, 0), box(0.4, 0, 10, 1), box(0.6, 20)], 0.45)
  expect(kept.map((b) => [b.score, b.classId])).toEqual([
    [0.9, 0],
    [0.6, 0],
    [0.4, 1],
  ])
})

test('exactly the limit is not above it', () => {
  // Halves of one another: 5 of 15 shared.
  expect(suppress([box(0.9, 0), box(0.8, 5)], 1 / 3 + 1e-9)).toHaveLength(2)
  expect(suppress([box(0.9, 0), box(0.8, 5)], 1 / 3 - 1e-9)).toHaveLength(1)
})

test('twice is once; best first; nothing new; the best of each class stays', () => {
  fc.assert(
    fc.property(boxes, limit, (all, iou) => {
      const once = suppress(all, iou)
      expect(suppress(once, iou)).toEqual(once)
      for (const b of once) expect(all).toContain(b)
      for (let i = 1; i < once.length; i++) {
        expect((once[i - 1] as RawBox).score).toBeGreaterThanOrEqual((once[i] as RawBox).score)
      }
      for (const classId of new Set(all.map((b) => b.classId))) {
        const best = Math.max(...all.filter((b) => b.classId === classId).map((b) => b.score))
        expect(once.some((b) => b.classId === classId && b.score === best)).toBe(true)
      }
    }),
  )
})
