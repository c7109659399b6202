import { PERSON_LABELS, VEHICLE_LABELS } from '../../core/catalogue.ts'

const GROUPS: ReadonlyMap<string, string> = new Map([
  ...VEHICLE_LABELS.map((label) => [label, 'vehicle'] as const),
  ...PERSON_LABELS.map((label) => [label, 'person'] as const),
])

/** Labels that a model mixes up on the same thing (a pick-up is a car here, a truck there) are followed as one. */
export const labelGroup = (label: string): string => GROUPS.get(label) ?? label
