import type { Session } from '../api/types.ts'
import { hasRole } from '../session/session.ts'

/** As the server has it: auditors see who looked, not what. */
export const mayLook = (session: Session): boolean =>
  hasRole(session, 'operator', 'officer', 'verifier', 'investigator', 'admin')
