import { SOON_MS } from '../../../../core/case/groups.ts'
import { type WorkSchedule, workingBetween } from '../../../../core/case/working-time.ts'
import type { CaseItem } from '../api/types.ts'
import { formatSpan } from '../time/format.ts'
import type { Language } from '../words/languages.ts'

/** How much time a case has, in the time of its clock. `soon`: 将超期. `unknown`: the working hours are not read yet. */
export type TimeLeft =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'left' | 'soon' | 'overdue'; readonly ms: number }

const HOUR = 3_600_000

export function timeLeft(due: CaseItem['due'], now: number, schedule: WorkSchedule | null): TimeLeft {
  if (due === null) return { kind: 'none' }
  const dueAt = Date.parse(due.at)
  if (due.time === 'working' && schedule === null) return { kind: 'unknown' }
  const ms = due.time === 'working' && schedule ? workingBetween(now, dueAt, schedule) : dueAt - now
  // Overdue since half an hour is overdue at night too, when no working time has passed.
  if (dueAt < now) return { kind: 'overdue', ms: Math.max(0, -ms) }
  return { kind: ms <= SOON_MS[due.clock] ? 'soon' : 'left', ms }
}

/** `3 小时 12 分`; of working time whole work days are told as such: `2 个工作日 3 小时`. */
export function formatWorking(ms: number, dayMs: number, language: Language): string {
  const days = Math.floor(ms / dayMs)
  if (days === 0) return formatSpan(ms, language)
  const rest = ms % dayMs
  const hours = rest < HOUR ? '' : ` ${formatSpan(rest, language, 1)}`
  return language === 'zh-CN'
    ? `${days} 个工作日${hours}`
    : `${days} work days${hours}`.replace(/^1 work days/, '1 work day')
}

/** Least time first, the longest overdue at the top; cases without a clock last, newest first. */
export function byTimeLeft(cases: readonly CaseItem[]): readonly CaseItem[] {
  const dueAt = (item: CaseItem) => (item.due ? Date.parse(item.due.at) : Number.POSITIVE_INFINITY)
  return cases.toSorted((a, b) => {
    const [left, right] = [dueAt(a), dueAt(b)]
    return left === right ? b.filedAt.localeCompare(a.filedAt) : left < right ? -1 : 1
  })
}

/** Deadlines run for hours and days: running seconds would only be noise. */
export const toMinutes = (ms: number): number => (ms < 60_000 ? ms : Math.floor(ms / 60_000) * 60_000)
