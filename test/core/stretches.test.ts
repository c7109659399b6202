import { expect, test } from 'vitest'
import { createStretches } from '../../core/stretches.ts'

const of = (moments: readonly number[], most?: number) => {
  const seen = createStretches({ from: 10, to: 1_000 }, 5, most)
  for (const at of moments) seen.take(at)
  return seen.stretches().map(({ from, to }) => [from, to])
}

test('what is further apart is a gap; what lies outside the span is not counted', () => {
  expect(of([8, 12, 16, 21, 30, 35, 999, 1_000])).toEqual([[12, 21], [30, 35], [999, 999]]) // biome-ignore format: one shape
  expect(of([])).toEqual([])
})

test('of too many the shortest gap is left out, and no long one', () => {
  expect(of([10, 100, 110, 300, 500], 4)).toEqual([[10, 10], [100, 110], [300, 300], [500, 500]]) // biome-ignore format: one shape
  expect(of([10, 100, 110, 300, 500], 2)).toEqual([[10, 300], [500, 500]]) // biome-ignore format: one shape
})
