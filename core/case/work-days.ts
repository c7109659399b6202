import chineseDays from 'chinese-days/dist/chinese-days.json' with { type: 'json' }
import { createCalendar, type WorkCalendar } from './working-time.ts'

/** Public holidays and make-up work days (调休) of mainland China, `YYYY-MM-DD`, as the package chinese-days has them. */
export const HOLIDAYS: ReadonlySet<string> = new Set(Object.keys(chineseDays.holidays))
export const MAKE_UP_DAYS: ReadonlySet<string> = new Set(Object.keys(chineseDays.workdays))

/** A year is known when its National Day is: the State Council announces a whole year at once. */
export const KNOWN_YEARS: ReadonlySet<number> = new Set(
  [...HOLIDAYS].filter((day) => day.endsWith('-10-01')).map((day) => Number(day.slice(0, 4))),
)

export const CHINESE_CALENDAR: WorkCalendar = createCalendar({
  holidays: HOLIDAYS,
  makeUpDays: MAKE_UP_DAYS,
  years: KNOWN_YEARS,
})
