import type { Role } from '../../core/actor.ts'
import type { ChangeTopic } from '../../core/changes.ts'
import { CITY_WIDE_CASES, hasAny, limitedTo, type PersonActor } from '../auth/people.ts'

export interface ChangeRow {
  /** Decimal text of a bigint. */
  readonly pos: string
  readonly topic: ChangeTopic
  readonly key: string
  readonly at: Date
  readonly payload: Readonly<Record<string, unknown>>
}

/** Who was on duty, and what was handed over. */
const SHIFT_READERS: readonly Role[] = ['operator', 'investigator', 'auditor', 'admin']
/** Who looked at what, and why; who has an alert open now are claims (`event: claims`). As in a replay. */
const LOOK_READERS: readonly Role[] = ['investigator', 'auditor']

/**
 * Whether a person may hear of a change. Officers: cases that name their department now or did before this change
 * (so that it leaves their list), and notifications to it; of alerts they read through their cases.
 */
export function mayHear(actor: PersonActor, { topic, payload }: ChangeRow): boolean {
  const department = limitedTo(actor)
  switch (topic) {
    case 'alert':
    case 'camera':
    case 'config':
      return department === null
    // Measurements are no pictures of anybody: every role may read them.
    case 'sensor':
      return true
    case 'shift':
      return hasAny(actor, SHIFT_READERS)
    case 'look':
      return hasAny(actor, LOOK_READERS)
    case 'audit':
      return hasAny(actor, ['auditor', 'admin'])
    // Of holds of what belongs to no case.
    case 'recording':
      return limitedTo(actor, CITY_WIDE_CASES) === null
    case 'case': {
      const only = limitedTo(actor, CITY_WIDE_CASES)
      return only === null || isOf(only, payload)
    }
    case 'notification': {
      const only = payload.groupKind === 'case' ? limitedTo(actor, CITY_WIDE_CASES) : department
      return only === null || isOf(only, payload)
    }
  }
}

function isOf(department: string | null, payload: Readonly<Record<string, unknown>>): boolean {
  const departments = payload.departments
  return department !== null && Array.isArray(departments) && departments.includes(department)
}
