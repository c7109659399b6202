import { expect, test } from 'vitest'
import { createReplaySpeed } from '../../app/worker/replay-speed.ts'

const MINUTE = 60_000

test('so much is judged at once as was measured to take a quarter of an hour, and never less than that', () => {
  const speed = createReplaySpeed()
  expect(speed.longestMs('gate')).toBe(120 * MINUTE)
  expect(speed.note('gate', 60 * MINUTE, 2 * MINUTE)).toBe(30)
  expect(speed.longestMs('gate')).toBe(450 * MINUTE)
  expect(speed.longestMs('yard')).toBe(120 * MINUTE)
  // A slower run counts half; a short one says more of its starting.
  speed.note('gate', 60 * MINUTE, 6 * MINUTE)
  expect(speed.longestMs('gate')).toBe(300 * MINUTE)
  speed.note('gate', 20_000, 40_000)
  expect(speed.longestMs('gate')).toBe(300 * MINUTE)
  speed.note('slow', 10 * MINUTE, 100 * MINUTE)
  expect(speed.longestMs('slow')).toBe(15 * MINUTE)
})
