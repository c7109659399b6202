import type { CaseItem } from '../api/types.ts'

/** How much time a case has. `soon`: 将超期. */
export type TimeLeft =
  | { readonly kind: 'none' }
  | { readonly kind: 'left' | 'soon' | 'overdue'; readonly ms: number }

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** From here on a case is "due soon": enough to still do the step that the clock stands for. */
const SOON_MS: Readonly<Record<NonNullable<CaseItem['due']>['clock'], number>> = {
  accept: 30 * MINUTE,
  handle: 4 * HOUR,
  check: 4 * HOUR,
  review: 24 * HOUR,
}

export function timeLeft(due: CaseItem['due'], now: number): TimeLeft {
  if (due === null) return { kind: 'none' }
  const ms = Date.parse(due.at) - now
  if (ms < 0) return { kind: 'overdue', ms: -ms }
  return { kind: ms <= SOON_MS[due.clock] ? 'soon' : 'left', ms }
}

/** Least time first, the longest overdue at the top; cases without a clock last, newest first. */
export function byTimeLeft(cases: readonly CaseItem[]): readonly CaseItem[] {
  const dueAt = (item: CaseItem) => (item.due ? Date.parse(item.due.at) : Number.POSITIVE_INFINITY)
  return cases.toSorted((a, b) => {
    const [left, right] = [dueAt(a), dueAt(b)]
    return left === right ? b.filedAt.localeCompare(a.filedAt) : left < right ? -1 : 1
  })
}
