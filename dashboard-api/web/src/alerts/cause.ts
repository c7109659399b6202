import type { AlertDetail } from '../api/types.ts'
import { formatSpan } from '../time/format.ts'
import type { Language } from '../words/languages.ts'

type Cause = Pick<AlertDetail['cause'], 'type' | 'score' | 'measured' | 'thresholds' | 'model'>

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

/** Numbers that the sentence of a type names. */
export const NEEDS: Readonly<Record<string, readonly string[]>> = {
  lane_blocked: ['stillMs', 'forMsLimit'],
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
