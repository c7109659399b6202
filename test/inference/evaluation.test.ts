import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Detection } from '../../core/frame.ts'
import type { Box } from '../../core/geometry.ts'
import {
  averagePrecision,
  judgePicture,
  type LabelledPicture,
  OVERLAPS,
} from '../../inference/evaluation/average-precision.ts'
import { createEvaluator } from '../../inference/evaluation/evaluate.ts'

interface Case {
  readonly pictures: readonly LabelledPicture[]
  readonly boxes: number
  readonly ap50: number
  readonly ap: number
}

// Boxes of a random generator; `ap50` and `ap` are what pycocotools 2.0.11 (`COCOeval`, bbox) says of them.
const cases: readonly Case[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'average-precision.json'), 'utf8'),
)

test.each(cases)(
  'average precision is what pycocotools says: $boxes boxes, $ap50',
  ({ pictures, boxes, ap50, ap }) => {
    const at = (overlap: number) =>
      averagePrecision(
        pictures.flatMap((picture) => judgePicture(picture, overlap)),
        boxes,
      ) ?? Number.NaN
    expect(at(0.5)).toBeCloseTo(ap50, 9)
    expect(OVERLAPS.reduce((sum, overlap) => sum + at(overlap), 0) / OVERLAPS.length).toBeCloseTo(ap, 9)
  },
)

test('all found is 1, nothing found is 0, nothing to find is no figure', () => {
  const right = { score: 0.5, right: true }
  expect(averagePrecision([right], 1)).toBe(1)
  expect(averagePrecision([], 1)).toBe(0)
  expect(averagePrecision([], 0)).toBeNull()
})

test('a thing is found once: the weaker box on it is wrong', () => {
  const box: Box = [0.1, 0.1, 0.5, 0.5]
  const judged = judgePicture(
    {
      truth: [box],
      found: [
        { score: 0.4, box },
        { score: 0.9, box },
      ],
    },
    0.5,
  )
  expect(judged).toEqual([
    { score: 0.9, right: true },
    { score: 0.4, right: false },
  ])
})

test('false boxes are those at the operating point in pictures without any box', () => {
  const found = (label: string, score: number): Detection => ({ label, score, box: [0.1, 0.1, 0.5, 0.5] })
  const evaluator = createEvaluator(['fire', 'smoke'], (label) => (label === 'fire' ? 0.6 : 0.4))
  evaluator.add([found('fire', 0.7), found('fire', 0.5), found('smoke', 0.4), found('person', 0.9)], [])
  evaluator.add([], [])
  evaluator.add([found('fire', 0.9)], [{ label: 'fire', box: [0.1, 0.1, 0.5, 0.5] }])
  const result = evaluator.result()
  expect(result).toMatchObject({ pictures: 3, negatives: 2, falseBoxesPer100Negatives: 100 })
  expect(result.classes.fire).toMatchObject({
    ...{ boxes: 1, recall: 1, precision: 0.5, falseBoxesPer100Negatives: 50 },
  })
  expect(result.classes.smoke).toEqual({
    ...{ ap50: null, ap50_95: null, boxes: 0, recall: null, precision: 0, falseBoxesPer100Negatives: 50 },
  })
})

test('a picture gives its 100 best boxes of all classes together, from a score of 0.001 on', () => {
  const box: Box = [0.1, 0.1, 0.5, 0.5]
  const apart: Box = [0.6, 0.6, 0.9, 0.9]
  const one = (label: string, score: number, at: Box): Detection => ({ label, score, box: at })
  const ap50 = (found: readonly Detection[]) => {
    const evaluator = createEvaluator(['fire', 'smoke'], () => 0.5)
    evaluator.add(found, [{ label: 'fire', box }])
    return evaluator.result().classes.fire?.ap50
  }
  const others = (count: number, label: string) => Array.from({ length: count }, () => one(label, 0.9, apart))
  expect(ap50([...others(99, 'smoke'), one('fire', 0.001, box)])).toBe(1)
  expect(ap50([...others(100, 'smoke'), one('fire', 0.001, box)])).toBe(0)
  expect(ap50([...others(100, 'person'), one('fire', 0.001, box)])).toBe(1)
  expect(ap50([one('fire', 0.000_99, box)])).toBe(0)
})
