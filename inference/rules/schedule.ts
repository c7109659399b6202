import type { EpochMs } from '../../core/units.ts'

/** Whether the local time of `at` in `timeZone` lies within `hours` (`22:00-06:00` runs over midnight, end excluded). */
export type Schedule = (at: EpochMs) => boolean

/** `hours` as the city file has them; null: always. `timeZone` is an IANA name. */
export function createSchedule(hours: string | null, timeZone: string): Schedule {
  if (hours === null) return () => true
  const [from, to] = hours.split('-').map(minuteOfDay) as [number, number]
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  // The same beginning and end mean the whole day, not none of it.
  if (from === to) return () => true
  return (at) => {
    const minute = minuteOfDay(format.format(at))
    return from < to ? minute >= from && minute < to : minute >= from || minute < to
  }
}

function minuteOfDay(text: string): number {
  const [hour, minute] = text.split(':').map(Number) as [number, number]
  return hour * 60 + minute
}
