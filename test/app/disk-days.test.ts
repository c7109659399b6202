import { expect, test } from 'vitest'
import { createDiskTrend } from '../../app/health/disk-days.ts'

const HOUR = 3_600_000
const GIB = 2 ** 30

test('says nothing before an hour was seen', () => {
  const trend = createDiskTrend()
  expect(trend(0, 100 * GIB)).toBeNull()
  expect(trend(HOUR - 1, 90 * GIB)).toBeNull()
  expect(trend(HOUR, 90 * GIB)).not.toBeNull()
})

test('takes the growth of the last 24 hours and no older one', () => {
  const trend = createDiskTrend()
  trend(0, 1_000 * GIB) // a flood of recordings, before retention deletes as much as comes
  for (let hour = 1; hour <= 40; hour += 1) trend(hour * HOUR, (500 - hour) * GIB)
  // 1 GiB an hour, 459 are left.
  expect(trend(41 * HOUR, 459 * GIB)).toEqual({ hours: 24, days: 19 })
})

test('knows a disk that does not fill, and begins anew when the clock was set back', () => {
  const trend = createDiskTrend()
  trend(10 * HOUR, 100 * GIB)
  expect(trend(12 * HOUR, 101 * GIB)).toEqual({ hours: 2, days: null })
  expect(trend(5 * HOUR, 90 * GIB)).toBeNull()
  expect(trend(6 * HOUR, 80 * GIB)).toEqual({ hours: 1, days: 0 })
})
