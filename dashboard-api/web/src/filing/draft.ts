import { readSetting, writeSetting } from '../parts/stored.ts'

/** What is typed into the form, as it is kept in this browser when the session ends. */
export interface FilingDraft {
  readonly type: string | null
  readonly place: string
  readonly note: string
  readonly severity: 1 | 2 | 3 | 4 | null
  readonly camera: string | null
  /** Stills that were kept on the server for this case. */
  readonly stills: readonly {
    readonly ticket: string
    readonly capturedAt: string
    readonly camera: string
  }[]
}

export const EMPTY_FILING: FilingDraft = {
  type: null,
  place: '',
  note: '',
  severity: null,
  camera: null,
  stills: [],
}

const MOST_STILLS = 10
const nameOf = (person: string): string => `filing.${person}`

/** Each person has a draft of their own: a shared PC shows nobody another's words. */
export const readDraft = (person: string): FilingDraft => parseDraft(readSetting(nameOf(person)))

export const keepDraft = (person: string, draft: FilingDraft): void =>
  writeSetting(nameOf(person), JSON.stringify(draft))

/** Total: what another version has left is passed over, field by field. */
export function parseDraft(text: string | null): FilingDraft {
  let said: unknown = null
  try {
    said = JSON.parse(text ?? 'null')
  } catch {
    return EMPTY_FILING
  }
  if (typeof said !== 'object' || said === null) return EMPTY_FILING
  const { type, place, note, severity, camera, stills } = said as Record<string, unknown>
  const words = (value: unknown) => (typeof value === 'string' ? value : '')
  const isStill = (value: unknown): value is FilingDraft['stills'][number] =>
    typeof value === 'object' &&
    value !== null &&
    ['ticket', 'capturedAt', 'camera'].every((name) => typeof Reflect.get(value, name) === 'string')
  return {
    type: words(type) || null,
    place: words(place),
    note: words(note),
    severity: severity === 1 || severity === 2 || severity === 3 || severity === 4 ? severity : null,
    camera: words(camera) || null,
    stills: Array.isArray(stills) ? stills.filter(isStill).slice(-MOST_STILLS) : [],
  }
}

/** With a still of a camera: the camera and its place are filled in where nobody has written anything yet. */
export const withStill = (
  draft: FilingDraft,
  still: FilingDraft['stills'][number],
  place: string,
): FilingDraft => ({
  ...draft,
  camera: draft.camera ?? still.camera,
  place: draft.place.trim() === '' ? place : draft.place,
  stills: [...draft.stills, still].slice(-MOST_STILLS),
})

/** What is still missing, as a word of the dictionary; null: it can be sent. */
export const missingOf = (draft: FilingDraft): 'type' | 'place' | 'note' | null =>
  draft.type === null
    ? 'type'
    : draft.place.trim() === ''
      ? 'place'
      : draft.note.trim() === ''
        ? 'note'
        : null
