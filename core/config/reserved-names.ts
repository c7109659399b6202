import { isReservedName } from '../actor.ts'
import type { ConfigKind, ManyFault } from './objects.ts'

/**
 * What is wrong with the names of objects that are new. Accounts of before `isReservedName` stay: their entries say by
 * themselves that a person wrote them.
 */
export const reservedNameFaults = (kind: ConfigKind, added: readonly string[]): readonly ManyFault[] =>
  added
    .filter((id) => kind === 'user' && isReservedName(id))
    .map((id) => ({
      ...{
        id,
        path: 'name',
        message: `"${id}" reads as the system itself in logs; choose another user name`,
      },
      ...{ rule: 'reserved_name', values: { id } },
    }))
