import type { Purpose } from '../../../../core/catalogue.ts'
import { RESERVED_IDS } from '../../../../core/config/camera-csv-form.ts'
import { type CameraUrlFault, cameraUrlFault } from '../../../../core/config/camera-url.ts'
import { DATUMS, type Datum, toDatum } from '../../../../core/datum.ts'
import { readSetting, writeSetting } from '../parts/stored.ts'
import { isSet } from '../rules/draft.ts'
import type { RuleSet } from '../rules/model.ts'

/** What is typed on the way to a new camera, as this browser keeps it. Without the password: that is typed again. */
export interface CameraDraft {
  readonly url: string
  readonly user: string
  readonly id: string
  readonly zh: string
  readonly en: string
  readonly purpose: Purpose | null
  readonly address: string
  readonly grid: string
  readonly lon: string
  readonly lat: string
  readonly datum: Datum | null
  readonly masking: 'heads' | 'frame' | 'none'
  readonly maskingReason: string
  readonly hours: number
  readonly set: RuleSet
}

export const EMPTY_SET: RuleSet = { zones: {}, privacy: [], rules: [] }
export const EMPTY_DRAFT: CameraDraft = {
  ...{ url: '', user: '', id: '', zh: '', en: '', purpose: null, address: '', grid: '', lon: '', lat: '' },
  ...{ datum: null, masking: 'heads', maskingReason: '', hours: 2, set: EMPTY_SET },
}

const nameOf = (person: string): string => `camera-new.${person}`
export const readCameraDraft = (person: string): CameraDraft => parseCameraDraft(readSetting(nameOf(person)))
export const keepCameraDraft = (person: string, draft: CameraDraft): void =>
  writeSetting(nameOf(person), JSON.stringify(draft))

const PURPOSES: readonly Purpose[] = ['public_safety', 'environment', 'kitchen', 'work_safety']

/** Total: what another version has left is passed over, field by field. */
export function parseCameraDraft(text: string | null): CameraDraft {
  let said: unknown = null
  try {
    said = JSON.parse(text || 'null')
  } catch {
    return EMPTY_DRAFT
  }
  if (typeof said !== 'object' || said === null) return EMPTY_DRAFT
  const kept = said as Record<string, unknown>
  const words = (key: string) => (typeof kept[key] === 'string' ? (kept[key] as string) : '')
  const one = <T extends string>(key: string, of: readonly T[]) => of.find((each) => each === kept[key])
  const typed = ['url', 'user', 'id', 'zh', 'en', 'address', 'grid', 'lon', 'lat', 'maskingReason'] as const
  return {
    ...EMPTY_DRAFT,
    ...(Object.fromEntries(typed.map((key) => [key, words(key)])) as Pick<
      CameraDraft,
      (typeof typed)[number]
    >),
    purpose: one('purpose', PURPOSES) ?? null,
    datum: one('datum', DATUMS) ?? null,
    masking: one('masking', ['heads', 'frame', 'none'] as const) ?? 'heads',
    hours: typeof kept.hours === 'number' && Number.isFinite(kept.hours) ? kept.hours : 2,
    set: isSet(kept.set) ? kept.set : EMPTY_SET,
  }
}

export const STEPS = ['source', 'facts', 'zones', 'rules', 'save'] as const
export type Step = (typeof STEPS)[number]

/** What is missing or wrong, by field, as a word of the dictionary below `cameraNew.fault`. */
export type DraftFault = { readonly field: keyof CameraDraft | 'password'; readonly code: string }

const ID = /^[a-z0-9][a-z0-9._-]{0,62}$/i
const MOST_HOURS = 72

/** The address without the spaces that come with copying. */
export const urlFaultOf = (draft: CameraDraft): CameraUrlFault | null => cameraUrlFault(draft.url.trim())

/** Faults of one step; `password` is not in the draft. */
export function faultsOfStep(step: Step, draft: CameraDraft, password: string): readonly DraftFault[] {
  const faults: DraftFault[] = []
  const add = (field: DraftFault['field'], code: string, when: boolean) => {
    if (when) faults.push({ field, code })
  }
  if (step === 'source') {
    const wrong = urlFaultOf(draft)
    if (wrong) faults.push({ field: 'url', code: draft.url.trim() === '' ? 'empty' : `url_${wrong}` })
    add('user', 'colon', draft.user.includes(':'))
    add('password', 'password', draft.user !== '' && password === '')
    add('user', 'user', draft.user === '' && password !== '')
  }
  if (step === 'facts') {
    add('zh', 'empty', draft.zh.trim() === '')
    add('id', 'id', !ID.test(draft.id))
    add('id', 'reserved', RESERVED_IDS.includes(draft.id.toLowerCase()))
    add('purpose', 'empty', draft.purpose === null)
    const [lon, lat] = [degrees(draft.lon, 180), degrees(draft.lat, 90)]
    add('lon', 'degrees', lon === 'wrong')
    add('lat', 'degrees', lat === 'wrong')
    add('lon', 'pair', lon === null && lat !== null)
    add('lat', 'pair', lat === null && lon !== null)
    add('maskingReason', 'maskingReason', draft.masking === 'none' && draft.maskingReason.trim().length < 2)
    add('hours', 'hours', !(draft.hours > 0 && draft.hours <= MOST_HOURS))
  }
  return faults
}

/** Null: nothing is written. */
function degrees(text: string, most: number): number | 'wrong' | null {
  if (text.trim() === '') return null
  const value = /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN
  return Math.abs(value) <= most ? value : 'wrong'
}

/** An id out of the address, for who has no numbers of their own: `cam-10-0-0-8`. */
export function suggestedId(url: string, taken: readonly string[]): string {
  if (cameraUrlFault(url.trim())) return ''
  const host = new URL(url.trim()).hostname.replaceAll(/[^a-z0-9]+/gi, '-').replaceAll(/^-+|-+$/g, '')
  const base = `cam-${host}`.slice(0, 55)
  let n = 1
  while (taken.includes(n === 1 ? base : `${base}-${n}`)) n += 1
  return n === 1 ? base : `${base}-${n}`
}

/** The camera in the form of the city file, its point in the city's datum to a tenth of a metre. */
export function bodyOfDraft(draft: CameraDraft, cityDatum: Datum): Readonly<Record<string, unknown>> {
  const [lon, lat] = [degrees(draft.lon, 180), degrees(draft.lat, 90)]
  const round = (value: number) => Math.round(value * 1e6) / 1e6
  const point =
    typeof lon === 'number' && typeof lat === 'number'
      ? toDatum({ lon, lat }, draft.datum ?? cityDatum, cityDatum)
      : null
  const address = draft.address.trim()
  const grid = draft.grid.trim()
  return {
    id: draft.id,
    name: { zh: draft.zh.trim(), en: draft.en.trim() || draft.zh.trim() },
    purpose: draft.purpose,
    url: draft.url.trim(),
    place: {
      ...(point && { lon: round(point.lon), lat: round(point.lat) }),
      ...(address && { address }),
      ...(grid && { grid }),
    },
    masking: draft.masking === 'none' ? { none: draft.maskingReason.trim() } : draft.masking,
    recording: { mode: 'ring', hours: draft.hours },
    ...draft.set,
  }
}
