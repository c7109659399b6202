import type { DurationMs, EpochMs } from '../units.ts'

/** Working hours of one day, minutes since midnight on the city's clocks: [from, to). */
export interface WorkSpan {
  readonly from: number
  readonly to: number
}

/** Which days are worked. `day` is `YYYY-MM-DD` in the city's zone. */
export interface WorkCalendar {
  isWorkDay(day: string): boolean
  /** False: nothing is known of the year's holidays, and its weekends alone are free. */
  knowsYear(year: number): boolean
}

/**
 * A calendar of free and make-up days; `years` are those it knows. A year is never guessed from a neighbour: what is
 * not known has weekends only.
 */
export function createCalendar(facts: {
  readonly holidays: ReadonlySet<string>
  readonly makeUpDays: ReadonlySet<string>
  readonly years: ReadonlySet<number>
}): WorkCalendar {
  return {
    isWorkDay(day) {
      if (facts.makeUpDays.has(day)) return true
      if (facts.holidays.has(day)) return false
      const weekday = new Date(`${day}T00:00:00Z`).getUTCDay()
      return weekday !== 0 && weekday !== 6
    },
    knowsYear: (year) => facts.years.has(year),
  }
}

/** When a city's offices are open; the same hours on every work day. */
export interface WorkSchedule {
  readonly calendar: WorkCalendar
  /** Working time of one work day, ms. */
  readonly dayMs: DurationMs
  /** Open times of a day in order, epoch ms, half-open; none on a free day. */
  spansOf(day: string): readonly { readonly from: EpochMs; readonly to: EpochMs }[]
  /** The day of a moment, `YYYY-MM-DD` in the city's zone. */
  dayOf(at: EpochMs): string
}

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** 09:00–12:00 and 13:30–17:30, where the city file says nothing. */
export const DEFAULT_HOURS: readonly string[] = ['09:00-12:00', '13:30-17:30']
/** Longest way through the calendar, days: no deadline is further away. */
const MAX_DAYS = 3_660

/** `09:00-12:00` → minutes; null when it is no such text or ends before it begins. */
export function parseHours(text: string): WorkSpan | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(text)
  if (!match) return null
  const [, fromHour, fromMinute, toHour, toMinute] = match.map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ]
  const span = { from: fromHour * 60 + fromMinute, to: toHour * 60 + toMinute }
  return span.from < span.to ? span : null
}

/** Throws TypeError for hours that `parseHours` does not take: the city file's schema has refused them. */
export function createSchedule(city: {
  readonly timezone: string
  readonly hours: readonly string[]
  readonly calendar: WorkCalendar
}): WorkSchedule {
  const hours = city.hours.map((text) => {
    const span = parseHours(text)
    if (!span) throw new TypeError(`"${text}" are no working hours`)
    return span
  })
  const zone = createZone(city.timezone)
  const known = new Map<string, readonly { from: EpochMs; to: EpochMs }[]>()
  return {
    calendar: city.calendar,
    dayMs: hours.reduce((sum, { from, to }) => sum + (to - from), 0) * MINUTE_MS,
    dayOf: zone.dayOf,
    spansOf(day) {
      const before = known.get(day)
      if (before) return before
      const spans = city.calendar.isWorkDay(day)
        ? hours.map(({ from, to }) => ({ from: zone.at(day, from), to: zone.at(day, to) }))
        : []
      if (known.size > 2 * MAX_DAYS) known.clear()
      known.set(day, spans)
      return spans
    },
  }
}

export const nextDay = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10)

/**
 * The moment at which `ms` of working time have passed since `start`: with 0 the next open moment. Always in an open
 * time or at its end. Throws RangeError beyond ten years.
 */
export function addWorking(start: EpochMs, ms: DurationMs, schedule: WorkSchedule): EpochMs {
  let left = ms
  let day = schedule.dayOf(start)
  for (let i = 0; i < MAX_DAYS; i++, day = nextDay(day)) {
    for (const span of schedule.spansOf(day)) {
      const from = Math.max(span.from, start)
      if (from >= span.to) continue
      if (left <= span.to - from) return from + left
      left -= span.to - from
    }
  }
  throw new RangeError(`${ms} ms of working time are more than ten years`)
}

/** Working time from `a` to `b`, ms; negative when `b` is earlier. Spans of more than ten years are cut there. */
export function workingBetween(a: EpochMs, b: EpochMs, schedule: WorkSchedule): DurationMs {
  if (b < a) return -workingBetween(b, a, schedule)
  let sum = 0
  let day = schedule.dayOf(a)
  for (let i = 0; i < MAX_DAYS; i++, day = nextDay(day)) {
    for (const { from, to } of schedule.spansOf(day)) {
      if (from >= b) return sum
      sum += Math.max(0, Math.min(to, b) - Math.max(from, a))
    }
    if (day > schedule.dayOf(b)) return sum
  }
  return sum
}

/** Years from `a` to `b` whose holidays are not known, so that only weekends were counted as free. */
export function unknownYears(a: EpochMs, b: EpochMs, schedule: WorkSchedule): readonly number[] {
  const [first, last] = [a, b].map((at) => Number(schedule.dayOf(at).slice(0, 4))) as [number, number]
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i).filter(
    (year) => !schedule.calendar.knowsYear(year),
  )
}

/** Days and clock times of a zone. */
function createZone(timezone: string) {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  const shown = (at: EpochMs): string => {
    const parts = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]))
    return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}:${parts.second}Z`
  }
  const offset = (at: EpochMs): number => Date.parse(shown(at)) - Math.floor(at / 1_000) * 1_000
  return {
    dayOf: (at: EpochMs): string => shown(at).slice(0, 10),
    at(day: string, minutes: number): EpochMs {
      const asUtc = Date.parse(`${day}T00:00:00Z`) + minutes * MINUTE_MS
      // Twice: the second time with the offset that holds at the moment that the first one found.
      return asUtc - offset(asUtc - offset(asUtc))
    },
  }
}
