import type { CaseClockKind, CaseState } from './words.ts'

/** What an officer looks for first: 待签收, 处置中, 将超期, 已超期, 待核查. A case may be in two of them. */
export const CASE_GROUPS = ['accept', 'handling', 'soon', 'overdue', 'check'] as const
export type CaseGroup = (typeof CASE_GROUPS)[number]

export const IN_HAND: readonly CaseState[] = [
  'handling',
  'return_requested',
  'extension_requested',
  'suspended',
]

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** From here on a case is "due soon", ms of its clock's own time: enough to still do the step that it stands for. */
export const SOON_MS: Readonly<Record<CaseClockKind, number>> = {
  accept: 30 * MINUTE,
  handle: 4 * HOUR,
  check: 4 * HOUR,
  review: 24 * HOUR,
}
