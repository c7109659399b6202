import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatAge, formatFull, formatSpan, formatStamp } from '../../../dashboard-api/web/src/time/format.ts'
import { createServerClock } from '../../../dashboard-api/web/src/time/server-clock.ts'
import { zonedTime } from '../../../dashboard-api/web/src/time/zoned.ts'

const SHANGHAI = 'Asia/Shanghai'
const at = (text: string) => Date.parse(text)

describe('a point in time', () => {
  it('is told in the city’s zone, shorter the nearer it is', () => {
    const now = at('2026-05-03T04:00:00Z')
    expect(formatStamp(at('2026-05-03T02:41:07Z'), now, SHANGHAI)).toBe('10:41:07')
    // Before midnight of the city, though on the same UTC day.
    expect(formatStamp(at('2026-05-02T15:59:59Z'), now, SHANGHAI)).toBe('05-02 23:59')
    expect(formatStamp(at('2025-12-31T15:59:59Z'), now, SHANGHAI)).toBe('2025-12-31 23:59')
    expect(formatFull(at('2026-05-02T16:00:00Z'), SHANGHAI)).toBe('2026-05-03 00:00:00')
  })
})

describe('a length of time', () => {
  it('has its two largest units', () => {
    expect(formatSpan(208_000, 'zh-CN')).toBe('3 分 28 秒')
    expect(formatSpan(11_520_000, 'en')).toBe('3 h 12 min')
    expect(formatSpan(999, 'zh-CN')).toBe('0 秒')
    expect(formatSpan(86_400_000 + 300_000, 'en')).toBe('1 d')
  })

  it('as an age is a running clock below an hour', () => {
    expect(formatAge(41_000, 'zh-CN')).toBe('00:41')
    expect(formatAge(3_599_999, 'en')).toBe('59:59')
    expect(formatAge(7_300_000, 'zh-CN')).toBe('2 小时')
    expect(formatAge(-5, 'en')).toBe('00:00')
  })
})

describe('a time typed for the city', () => {
  it('is read in the city’s zone, wherever the PC stands', () => {
    expect(zonedTime('2026-05-03 10:41', SHANGHAI)).toBe('2026-05-03T02:41:00.000Z')
    expect(zonedTime('2026-07-01 12:00', 'Europe/Berlin')).toBe('2026-07-01T10:00:00.000Z')
    expect(zonedTime('2026-03-29 04:00', 'Europe/Berlin')).toBe('2026-03-29T02:00:00.000Z')
  })

  it('is refused when there is no such time', () => {
    for (const text of ['', '2026-02-30 10:00', '2026-05-03 24:00', '2026-05-03T10:00', 'x']) {
      expect(zonedTime(text, SHANGHAI)).toBeNull()
    }
  })

  it('comes back as it was typed', () => {
    const minutes = fc.integer({
      min: at('2020-01-01T00:00:00Z') / 60_000,
      max: at('2035-01-01T00:00:00Z') / 60_000,
    })
    fc.assert(
      fc.property(minutes, (minute) => {
        const text = formatFull(minute * 60_000, SHANGHAI).slice(0, 16)
        expect(zonedTime(text, SHANGHAI)).toBe(new Date(minute * 60_000).toISOString())
      }),
    )
  })
})

describe('the server’s clock', () => {
  it('goes on from the last answer, whatever the PC’s clock does', () => {
    let monotonic = 0
    let wall = 500_000
    const clock = createServerClock({ monotonic: () => monotonic, wall: () => wall })
    expect(clock.now()).toBe(500_000)
    clock.anchor(100_000)
    expect(clock.skew()).toBe(400_000)
    monotonic = 3_000
    wall = 0
    expect(clock.now()).toBe(103_000)
  })
})
