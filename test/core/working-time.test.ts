import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deadline, guessedYears, leftUntil, remindAt, timeOf } from '../../core/case/clocks.ts'
import { replay } from '../../core/case/evolve.ts'
import { scheduleOf } from '../../core/case/schedule-of.ts'
import { KNOWN_YEARS } from '../../core/case/work-days.ts'
import {
  addWorking,
  createCalendar,
  createSchedule,
  DEFAULT_HOURS,
  nextDay,
  parseHours,
  unknownYears,
  workingBetween,
} from '../../core/case/working-time.ts'
import { filedCase } from './case-fixture.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** A time on the clocks of Shanghai. */
const at = (text: string) => Date.parse(`${text.replace(' ', 'T')}:00+08:00`)
const city = scheduleOf({ timezone: 'Asia/Shanghai' })
const shown = (ms: number) => new Date(ms + 8 * HOUR).toISOString().slice(0, 16).replace('T', ' ')

describe('the calendar of mainland China', () => {
  test('holidays are free, make-up days are worked, other weekends are free', () => {
    const worked = (day: string) => city.calendar.isWorkDay(day)
    expect(worked('2026-10-01')).toBe(false) // National Day, a Thursday
    expect(worked('2026-10-10')).toBe(true) // a Saturday that makes up for it
    expect(worked('2026-10-11')).toBe(false)
    expect(worked('2026-11-26')).toBe(true)
    // Spring Festival, and the Saturday before it that is worked.
    expect([worked('2026-02-14'), worked('2026-02-17')]).toEqual([true, false])
  })

  test('a year without data is not known, and has weekends only', () => {
    expect(KNOWN_YEARS.has(2026)).toBe(true)
    expect([...KNOWN_YEARS].every((year) => year >= 2004 && year <= 2100)).toBe(true)
    const none = createCalendar({ holidays: new Set(), makeUpDays: new Set(), years: new Set() })
    expect([none.isWorkDay('2031-10-01'), none.isWorkDay('2031-10-04'), none.knowsYear(2031)]).toEqual([
      true,
      false,
      false,
    ])
    const plain = createSchedule({ timezone: 'Asia/Shanghai', hours: DEFAULT_HOURS, calendar: none })
    expect(unknownYears(at('2030-12-31 10:00'), at('2031-01-02 10:00'), plain)).toEqual([2030, 2031])
  })
})

describe('deadlines in working time', () => {
  test.each([
    ['2026-11-26 09:00', 3 * HOUR, '2026-11-26 12:00'],
    ['2026-11-26 10:00', 3 * HOUR, '2026-11-26 14:30'], // over the noon break
    ['2026-11-26 20:00', 2 * HOUR, '2026-11-27 11:00'], // after hours
    ['2026-11-27 17:00', 2 * HOUR, '2026-11-30 10:30'], // over the weekend
    ['2026-11-26 10:00', 3 * DAY, '2026-12-01 10:00'], // three work days
    ['2026-09-30 16:30', 2 * HOUR, '2026-10-08 10:00'], // over the National Day week
    ['2026-10-09 16:30', 2 * HOUR, '2026-10-10 10:00'], // into a Saturday that is worked
  ])('%s + %i ms', (from, limit, due) => {
    expect(shown(deadline(limit, 'working', at(from), city))).toBe(due)
  })

  test('calendar time takes no notice of the office', () => {
    expect(shown(deadline(2 * HOUR, 'calendar', at('2026-11-27 23:00'), city))).toBe('2026-11-28 01:00')
  })

  test('severity 1 and 2 always run, whatever the route says', () => {
    const limits = { accept: 1, handle: 1, check: 1, clock: 'working' } as const
    expect([1, 2, 3, 4].map((severity) => timeOf(limits, severity as 1))).toEqual([
      'calendar',
      'calendar',
      'working',
      'working',
    ])
    expect(timeOf({ accept: 1, handle: 1, check: 1 }, 4)).toBe('calendar')
  })

  test('the reminder comes after 80 % of the working time', () => {
    const clock = {
      kind: 'accept',
      round: 1,
      startedAt: at('2026-11-27 17:00'),
      dueAt: at('2026-11-30 11:00'), // 2.5 h
      time: 'working',
    } as const
    expect(shown(remindAt(clock, city))).toBe('2026-11-30 10:30')
    expect(guessedYears(clock, city)).toEqual([])
    expect(guessedYears({ ...clock, dueAt: at('2099-01-05 11:00') }, city)).toContain(2099)
  })

  test('hours are read strictly', () => {
    expect(parseHours('09:00-12:30')).toEqual({ from: 540, to: 750 })
    for (const wrong of ['9:00-12:00', '12:00-12:00', '18:00-09:00', '09:00-24:00', 'all day'])
      expect(parseHours(wrong)).toBeNull()
  })
})

const moments = fc.integer({ min: at('2025-11-01 00:00'), max: at('2027-03-01 00:00') })
const limits = fc.integer({ min: 0, max: 200 * HOUR })
const zones = fc.constantFrom('Asia/Shanghai', 'America/New_York', 'UTC')
const schedules = fc
  .tuple(
    zones,
    fc.constantFrom(DEFAULT_HOURS, ['00:00-23:59'], ['08:30-11:30', '12:00-16:00', '19:00-20:00']),
  )
  .map(([timezone, hours]) => scheduleOf({ timezone, hours }))

describe('properties of working time', () => {
  const isOpen = (moment: number, schedule: typeof city) =>
    schedule.spansOf(schedule.dayOf(moment)).some(({ from, to }) => from <= moment && moment <= to)

  test('a deadline is in an open time, not before its start, and the time between is what was given', () => {
    fc.assert(
      fc.property(moments, limits, schedules, (start, ms, schedule) => {
        const due = addWorking(start, ms, schedule)
        expect(due).toBeGreaterThanOrEqual(start)
        expect(isOpen(due, schedule)).toBe(true)
        expect(workingBetween(start, due, schedule)).toBe(ms)
        expect(workingBetween(due, start, schedule) + ms).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  test('more time or a later start is never due earlier', () => {
    fc.assert(
      fc.property(
        moments,
        limits,
        limits,
        fc.integer({ min: 0, max: 9 * DAY }),
        schedules,
        (start, a, b, later, schedule) => {
          const [less, more] = [Math.min(a, b), Math.max(a, b)]
          expect(addWorking(start, less, schedule)).toBeLessThanOrEqual(addWorking(start, more, schedule))
          expect(addWorking(start, less, schedule)).toBeLessThanOrEqual(
            addWorking(start + later, less, schedule),
          )
          expect(leftUntil(start + later, 'working', start, schedule)).toBeLessThanOrEqual(later)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('in two steps as in one', () => {
    fc.assert(
      fc.property(moments, limits, limits, schedules, (start, a, b, schedule) => {
        const once = addWorking(start, a + b, schedule)
        const twice = addWorking(addWorking(start, a, schedule), b, schedule)
        // The end of one span and the beginning of the next are the same moment of working time.
        expect(workingBetween(once, twice, schedule)).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  test('days follow each other', () => {
    expect([nextDay('2026-12-31'), nextDay('2028-02-28')]).toEqual(['2027-01-01', '2028-02-29'])
  })
})

test('a log of an older version, without deadlines, gives the deadline it gave then', () => {
  const log = filedCase
    .log()
    .map((event) =>
      event.kind === 'dispatch' ? { ...event, data: { lead: 'ecology', assist: [], route: null } } : event,
    )
  const facts = replay(log)
  expect((facts.clock?.dueAt ?? 0) - (facts.clock?.startedAt ?? 0)).toBe(2 * HOUR)
  expect(facts.clock?.time).toBe('calendar')
})
