import { CHINESE_CALENDAR } from './work-days.ts'
import { createSchedule, DEFAULT_HOURS, type WorkSchedule } from './working-time.ts'

const made = new Map<string, WorkSchedule>()

/** The schedule of a city; one for all that ask, because it keeps the days that it has worked out. */
export function scheduleOf(city: {
  readonly timezone: string
  /** Absent in cities that were applied by older versions. */
  readonly hours?: readonly string[] | undefined
}): WorkSchedule {
  const hours = city.hours ?? DEFAULT_HOURS
  const key = [city.timezone, ...hours].join(' ')
  const known = made.get(key)
  if (known) return known
  const schedule = createSchedule({ timezone: city.timezone, hours, calendar: CHINESE_CALENDAR })
  // A city changes its hours once in years: whoever tries out a hundred begins anew.
  if (made.size >= 100) made.clear()
  made.set(key, schedule)
  return schedule
}
