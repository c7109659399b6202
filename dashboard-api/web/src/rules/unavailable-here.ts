import { CATALOGUE, HAZARD_TYPES } from '../../../../core/catalogue.ts'
import type { CameraItem } from '../api/types.ts'

/**
 * Type → why it cannot be found: what this camera's worker says, else what a worker says of another camera, else what
 * this version cannot do at all. A type that no camera asks for is known only by the last.
 */
export function unavailableHere(
  camera: Pick<CameraItem, 'rules'>,
  cameras: readonly Pick<CameraItem, 'rules'>[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const type of HAZARD_TYPES)
    if (CATALOGUE[type].needs.kind === 'not_built') found.set(type, 'not built yet')
  for (const { rules } of [...cameras, camera])
    for (const { type, enabled, unavailable } of rules) {
      if (!enabled) continue
      if (unavailable === null) found.delete(type)
      else found.set(type, unavailable)
    }
  return found
}
