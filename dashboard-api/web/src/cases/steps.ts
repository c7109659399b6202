import type { CaseState } from '../../../../core/case/words.ts'

/** The way of a case: 立案 派遣 签收 处置 核查 结案. */
export const STEPS = ['file', 'dispatch', 'accept', 'handle', 'check', 'close'] as const

/** Index in STEPS of the step that is due in each state; the states beside the way stand where they left it. */
const INDEX: Readonly<Record<CaseState, number>> = {
  pending_dispatch: 1,
  pending_accept: 2,
  handling: 3,
  return_requested: 3,
  extension_requested: 3,
  suspended: 3,
  pending_check: 4,
  pending_close: 5,
  closed: 6,
  voided: 6,
}

export function stepOf(state: CaseState): { readonly index: number; readonly ended: boolean } {
  return { index: INDEX[state], ended: state === 'closed' }
}
