import type { Actor } from '../../core/actor.ts'
import { FIRST_OPERATOR } from '../accounts.ts'
import { SAMPLE_ACCOUNTS } from '../sample-city.ts'

/** The accounts of the sample city as who acts. */
export const OPERATOR: Actor = {
  kind: 'person',
  name: FIRST_OPERATOR,
  roles: ['operator', 'admin'],
  department: null,
}

/** The officer of a department. Throws when the sample city has none there. */
export const officerOf = (department: string | null): Actor =>
  actor(SAMPLE_ACCOUNTS.find((one) => 'department' in one && one.department === department))

export const VERIFIER: Actor = actor(SAMPLE_ACCOUNTS.find((one) => one.name === 'grid.worker'))

function actor(account: (typeof SAMPLE_ACCOUNTS)[number] | undefined): Actor {
  if (!account) throw new TypeError('the sample city has no such account')
  const department = 'department' in account ? account.department : null
  return { kind: 'person', name: account.name, roles: account.roles, department }
}
