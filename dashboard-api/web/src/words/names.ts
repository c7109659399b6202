import { useCallback } from 'react'
import { CASE_STATE_LABELS, type CaseState } from '../../../../core/case/words.ts'
import { CATALOGUE, type Needs } from '../../../../core/catalogue.ts'
import type { PlaceItem } from '../api/types.ts'
import { type Label, useLabel } from './language.ts'

interface Facts extends Label {
  readonly needs: Needs
}

const typeFacts = (type: string): Facts | null =>
  Object.hasOwn(CATALOGUE, type) ? CATALOGUE[type as keyof typeof CATALOGUE] : null

/** Name of a hazard type. A type this build does not know (a newer server) is shown by its id. */
export function useTypeName(): (type: string) => string {
  const label = useLabel()
  return useCallback(
    (type: string) => {
      const facts = typeFacts(type)
      return facts ? label(facts) : type
    },
    [label],
  )
}

export function useStateName(): (state: CaseState) => string {
  const label = useLabel()
  return useCallback((state: CaseState) => label(CASE_STATE_LABELS[state]), [label])
}

/** Where it is, as people say it: the address, else the camera's name. */
export const placeText = (place: PlaceItem, camera: string | null): string =>
  place.address || camera || place.grid || '—'
