import type { Severity } from '../event.ts'
import type { DurationMs, EpochMs } from '../units.ts'
import type { CaseLimits } from './event.ts'
import type { CaseClock } from './state.ts'
import type { ClockTime } from './words.ts'
import { addWorking, unknownYears, type WorkSchedule, workingBetween } from './working-time.ts'

const DAY_MS = 86_400_000
/** Share of a clock's time after which its department is reminded. */
const REMIND_AT = 0.8

/** What runs until a deadline: severity 1 and 2 cannot wait for the office to open, whatever the route says. */
export const timeOf = (limits: CaseLimits, severity: Severity): ClockTime =>
  limits.clock === 'working' && severity > 2 ? 'working' : 'calendar'

/** A limit as working time: its whole days are work days, what is left over working hours. */
export const toWorking = (limit: DurationMs, schedule: WorkSchedule): DurationMs =>
  Math.floor(limit / DAY_MS) * schedule.dayMs + (limit % DAY_MS)

/** When a clock of `limit` that starts now is due. */
export function deadline(limit: DurationMs, time: ClockTime, now: EpochMs, schedule: WorkSchedule): EpochMs {
  return time === 'working' ? addWorking(now, toWorking(limit, schedule), schedule) : now + limit
}

/** Time left until a deadline in the clock's own time, ms; negative: overdue. */
export function leftUntil(dueAt: EpochMs, time: ClockTime, now: EpochMs, schedule: WorkSchedule): DurationMs {
  return time === 'working' ? workingBetween(now, dueAt, schedule) : dueAt - now
}

/** When `left` more of the clock's own time will have passed. */
export function dueIn(left: DurationMs, time: ClockTime, now: EpochMs, schedule: WorkSchedule): EpochMs {
  return time === 'working' ? addWorking(now, left, schedule) : now + left
}

/** When the department is reminded: after 80 % of the clock's own time. */
export function remindAt(clock: CaseClock, schedule: WorkSchedule): EpochMs {
  const time = clock.time ?? 'calendar'
  const whole = leftUntil(clock.dueAt, time, clock.startedAt, schedule)
  return dueIn(REMIND_AT * Math.max(0, whole), time, clock.startedAt, schedule)
}

/** Years of a working-time clock whose holidays are not known; none for a calendar clock. */
export const guessedYears = (clock: CaseClock, schedule: WorkSchedule): readonly number[] =>
  clock.time === 'working' ? unknownYears(clock.startedAt, clock.dueAt, schedule) : []
