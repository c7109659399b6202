import type { Change } from '../api/types.ts'

/** Families of queries, the first part of every query key. */
export const FAMILIES = [
  'alerts',
  'alert',
  'cases',
  'case',
  'cameras',
  'health',
  'desk',
  'groups',
  'claims',
  'config',
  'originals',
  'kept',
  'holds',
] as const
export type Family = (typeof FAMILIES)[number]

export interface Affected {
  readonly family: Family
  /** One object of the family; absent: all of it. */
  readonly id?: string
}

const holdsOf = ({ payload }: Change): readonly Affected[] =>
  payload.kind === 'held' || payload.kind === 'hold_released' ? [{ family: 'holds' }] : []

/** What has to be read again after a change. Lists are read as a whole: filters and order are the server's business. */
export function affectedBy(change: Change): readonly Affected[] {
  switch (change.topic) {
    case 'alert':
      return [
        { family: 'alerts' },
        { family: 'alert', id: change.key },
        { family: 'desk' },
        { family: 'groups' },
        ...holdsOf(change),
      ]
    case 'case':
      // An open alert shows its case number.
      return [
        { family: 'cases' },
        { family: 'case', id: change.key },
        { family: 'alert' },
        { family: 'holds' },
      ]
    case 'recording':
      return [{ family: 'kept' }, { family: 'holds' }]
    case 'notification':
      return [{ family: 'alert' }, { family: 'case' }]
    case 'shift':
      return [{ family: 'desk' }]
    case 'camera':
      return [{ family: 'cameras' }, { family: 'health' }]
    // A changed camera, department or route shows on nearly every page; it is rare.
    case 'config':
      return FAMILIES.map((family) => ({ family }))
    // Requests for originals and what became of them.
    case 'look':
      return String(change.payload.what).startsWith('original') ? [{ family: 'originals' }] : []
    // No page shows the marks of readings, or what retention deleted.
    case 'sensor':
    case 'audit':
      return []
  }
}
