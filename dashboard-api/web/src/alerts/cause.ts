import type { AlertDetail } from '../api/types.ts'
import { formatSpan } from '../time/format.ts'
import type { Language } from '../words/languages.ts'

type Cause = Pick<AlertDetail['cause'], 'type' | 'score' | 'measured' | 'thresholds' | 'model'>
/** What a sensor measures: the factor as people call it. */
interface Measured {
  readonly factor: string
  readonly unit: string
}

interface Words {
  t(key: string, values: Record<string, string>): string
  exists(key: string): boolean
  readonly language: Language
  typeName(type: string): string
}

const SHARES = /^(share.*|overlap|darkness|.*Share|.*Area|area|.*Cells)$/

/** A measured number with its unit, which its name says: `…Ms` a length of time, shares in per cent. */
export function quantity(name: string, value: number, language: Language): string {
  if (/Ms$/.test(name)) return value < 1_000 ? `${Math.round(value)} ms` : formatSpan(value, language)
  if (name === 'score' || name.endsWith('Score')) return value.toFixed(2)
  if (SHARES.test(name)) return `${(value * 100).toFixed(value < 0.1 ? 2 : 1)} %`
  return Number.isInteger(value) ? String(value) : value.toFixed(2)
}

/**
 * Why there is an alert, in one sentence. Each type has its own where the numbers it needs are there; an event of
 * another shape is told by its score, or without a model by its name alone.
 */
export function causeSentence(cause: Cause, words: Words): string {
  const { measured, thresholds } = cause
  const all: Record<string, string> = { type: words.typeName(cause.type), score: cause.score.toFixed(2) }
  for (const [name, value] of Object.entries(thresholds))
    all[`${name}Limit`] = quantity(name, value, words.language)
  for (const [name, value] of Object.entries(measured)) all[name] = quantity(name, value, words.language)
  const needed = NEEDS[cause.type]
  if (needed?.every((name) => name in all)) return words.t(`causes.${cause.type}`, all)
  if (words.exists(`causes.${cause.type}_plain`)) return words.t(`causes.${cause.type}_plain`, all)
  if (cause.model && 'scoreLimit' in all) return words.t('causes.model', all)
  return words.t('causes.plain', all)
}

/** Values of a sensor and of its limit, in its unit. */
const VALUES: readonly string[] = ['value', 'peak', 'above', 'below', 'clear']

/** A number of a sensor's event: values have its unit and as many digits as it measures. */
export const sensorQuantity = (
  name: string,
  value: number,
  unit: string | undefined,
  language: Language,
): string =>
  VALUES.includes(name)
    ? `${Number(value.toPrecision(6))}${unit === undefined ? '' : ` ${unit}`}`
    : quantity(name, value, language)

/** Why a sensor has an alert: its value against its limit, or what is wrong with it. */
export function sensorSentence(cause: Cause, sensor: Measured | null, words: Words): string {
  const { measured, thresholds } = cause
  const all: Record<string, string> = { factor: sensor?.factor ?? words.typeName(cause.type) }
  for (const [name, value] of Object.entries(thresholds))
    all[`${name}Limit`] = sensorQuantity(name, value, sensor?.unit, words.language)
  for (const [name, value] of Object.entries(measured))
    all[name] = sensorQuantity(name, value, sensor?.unit, words.language)
  const which = SENSOR_CAUSES.find(([, names]) => names.every((name) => name in all))?.[0]
  return words.t(`causes.${which ?? `${cause.type}_plain`}`, all)
}

/** Sentences of sensors, and the numbers that each names. */
export const SENSOR_CAUSES: readonly (readonly [sentence: string, names: readonly string[]])[] = [
  ['exceedance_above', ['factor', 'value', 'peak', 'aboveLimit', 'lastedMs']],
  ['exceedance_below', ['factor', 'value', 'peak', 'belowLimit', 'lastedMs']],
  ['sensor_silence', ['silenceMs', 'silenceMsLimit']],
  ['sensor_offline', ['offlineMs']],
  ['sensor_unusable', ['unusableMs']],
]

/** Numbers that the sentence of a type names. */
export const NEEDS: Readonly<Record<string, readonly string[]>> = {
  lane_blocked: ['stillMs', 'forMsLimit'],
  litter_pile: ['stillMs', 'forMsLimit'],
  no_mask: ['count', 'lastedMs'],
  crowding: ['count', 'limitLimit', 'lastedMs'],
  fire: ['score', 'scoreLimit'],
  smoke: ['score', 'scoreLimit'],
  object_left: ['stillMs', 'forMsLimit'],
  plume: ['ringelmann', 'ringelmannLimit', 'lastedMs'],
  after_hours_motion: ['movingShare', 'minAreaLimit', 'lastedMs'],
  camera_frozen: ['frozenMs', 'forMsLimit'],
  camera_offline: ['offlineMs'],
  camera_covered: ['detailCells', 'usualCells'],
}
