import { expect, test } from 'vitest'
import { alarmLoad } from '../../../core/statistics/flood.ts'

const windows = (alarms: readonly number[], operators = 1) =>
  alarms.map((each) => ({ alarms: each, operators }))

test('a flood begins over ten and ends under five, not before', () => {
  // 11 begins it, 10 and 5 are still in it, 4 ends it, 10 alone begins none.
  expect(alarmLoad(windows([0, 10, 11, 10, 5, 4, 10, 0]))).toEqual({
    median: 7.5,
    max: 11,
    flooded: 3,
    windows: 8,
    busiest: 2,
  })
})

test('alarms are shared by the operators that were there; nobody counts as one', () => {
  expect(alarmLoad(windows([22, 2], 2))).toMatchObject({ max: 11, median: 6, flooded: 1 })
  expect(alarmLoad(windows([12], 0))).toMatchObject({ max: 12, flooded: 1 })
})

test('no window and no alarm', () => {
  expect(alarmLoad([])).toEqual({ median: null, max: null, flooded: 0, windows: 0, busiest: null })
  expect(alarmLoad(windows([0, 0, 0]))).toMatchObject({ median: 0, max: 0, busiest: null })
})
