import { CASE_STATES, type CaseState } from '../../../../core/case/words.ts'

/** Everything that still wants a hand. */
export const OPEN_STATES: readonly CaseState[] = CASE_STATES.filter(
  (state) => state !== 'closed' && state !== 'voided',
)

/** States asked for in the URL; null: none, so the open ones are shown. */
export function readCaseStates(params: URLSearchParams): readonly CaseState[] | null {
  const asked = (params.get('state') ?? '').split(',')
  const known = CASE_STATES.filter((state) => asked.includes(state))
  return known.length > 0 ? known : null
}
