import type { CaseState } from '../../../../core/case/words.ts'
import type { WorkSchedule } from '../../../../core/case/working-time.ts'
import type { CaseItem } from '../api/types.ts'
import { timeLeft } from '../cases/time-left.ts'

/** What an officer looks for first: 待签收, 处置中, 将超期, 已超期, 待核查. A case may be in two of them. */
export const GROUPS = ['accept', 'handling', 'soon', 'overdue', 'check'] as const
export type Group = (typeof GROUPS)[number]

const IN_HAND: readonly CaseState[] = ['handling', 'return_requested', 'extension_requested', 'suspended']

export function isIn(group: Group, item: CaseItem, now: number, schedule: WorkSchedule | null): boolean {
  switch (group) {
    case 'accept':
      return item.state === 'pending_accept'
    case 'handling':
      return IN_HAND.includes(item.state)
    case 'soon':
    case 'overdue':
      return timeLeft(item.due, now, schedule).kind === group
    case 'check':
      return item.state === 'pending_check'
  }
}

export const countGroups = (
  cases: readonly CaseItem[],
  now: number,
  schedule: WorkSchedule | null,
): Readonly<Record<Group, number>> =>
  Object.fromEntries(
    GROUPS.map((group) => [group, cases.filter((item) => isIn(group, item, now, schedule)).length]),
  ) as Record<Group, number>
