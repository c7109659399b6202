import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AlarmCount, FLOOD_WINDOW_MS, floodAt } from '../../core/flood.ts'

const MINUTE = 60_000
const T0 = Date.UTC(2026, 4, 3, 10)
const each = (...minutes: readonly number[]): AlarmCount[] =>
  minutes.map((minute) => ({ at: T0 + minute * MINUTE, n: 1 }))
const at = (minute: number) => T0 + minute * MINUTE

describe('alarm flood', () => {
  test('ten in ten minutes are none, the eleventh begins it', () => {
    const ten = each(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
    expect(floodAt(ten, at(9.5))).toEqual({ rate10m: 10, since: null })
    expect(floodAt([...ten, ...each(9.5)], at(9.5))).toEqual({ rate10m: 11, since: at(9.5) })
  })

  test('it goes on with five in ten minutes and is over with four', () => {
    const burst = [{ at: T0, n: 7 }, ...each(1, 1, 1, 1, 1)]
    expect(floodAt(burst, at(10) - 1)).toEqual({ rate10m: 12, since: at(1) })
    expect(floodAt(burst, at(10))).toEqual({ rate10m: 5, since: at(1) })
    expect(floodAt(burst, at(11))).toEqual({ rate10m: 0, since: null })
  })

  test('between the limits it stays what it was: no flicker', () => {
    const calm = each(0, 1, 2, 3, 4, 5, 6)
    expect(floodAt(calm, at(7)).since).toBeNull()
    const after = [{ at: T0 - MINUTE, n: 8 }, ...calm]
    expect(floodAt(after, at(9))).toEqual({ rate10m: 7, since: at(2) })
  })

  test('a second flood has a beginning of its own, and alarms to come do not count', () => {
    const two = [
      { at: T0, n: 20 },
      { at: at(30), n: 20 },
    ]
    expect(floodAt(two, at(5)).since).toBe(T0)
    expect(floodAt(two, at(20))).toEqual({ rate10m: 0, since: null })
    expect(floodAt(two, at(31)).since).toBe(at(30))
    expect(floodAt([], T0)).toEqual({ rate10m: 0, since: null })
  })

  test('as a slow count that looks at every moment says it', () => {
    const steps = fc.array(
      fc.record({ gap: fc.integer({ min: 0, max: 300 }), n: fc.integer({ min: 1, max: 6 }) }),
      {
        maxLength: 40,
      },
    )
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 1_500 }), (list, after) => {
        let second = 0
        const alarms = list.map(({ gap, n }) => {
          second += gap
          return { at: T0 + second * 1_000, n }
        })
        const now = T0 + (second + after) * 1_000
        let since: number | null = null
        let rate = 0
        for (let t = T0; t <= now; t += 1_000) {
          rate = alarms
            .filter((alarm) => alarm.at <= t && alarm.at > t - FLOOD_WINDOW_MS)
            .reduce((sum, { n }) => sum + n, 0)
          if (rate > 10) since ??= t
          else if (rate < 5) since = null
        }
        expect(floodAt(alarms, now)).toEqual({ rate10m: rate, since })
      }),
      { numRuns: 60 },
    )
  })
})
