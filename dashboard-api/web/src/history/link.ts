import type { Session } from '../api/types.ts'
import { placesFor } from '../app/places.ts'

/** Enough before a moment to see how it came about. */
const BEFORE_MS = 10_000

/** Recordings of a camera from just before a moment on; null: this person has no such page. */
export function replayUrl(
  { roles }: Pick<Session, 'roles'>,
  camera: string,
  at: number,
  caseNo: string | null = null,
): string | null {
  if (!placesFor(roles).some(({ path }) => path === '/history')) return null
  const query = new URLSearchParams({ cameras: camera, t: new Date(at - BEFORE_MS).toISOString() })
  if (caseNo !== null) query.set('case', caseNo)
  return `/history?${query}`
}
