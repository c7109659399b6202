import { CASE_GROUPS, type CaseGroup } from '../../../../core/case/groups.ts'
import type { Session } from '../api/types.ts'

/** The group of the URL; without one, a verifier begins with what is to verify and everybody else with all. */
export function readGroup(params: URLSearchParams, session: Pick<Session, 'roles'>): CaseGroup | null {
  const asked = params.get('group')
  if (asked === 'all') return null
  const known = CASE_GROUPS.find((each) => each === asked)
  if (known) return known
  const { roles } = session
  const others = roles.includes('operator') || roles.includes('officer')
  return roles.includes('verifier') && !others ? 'check' : null
}
