import { readSetting, writeSetting } from '../parts/stored.ts'
import type { RuleSet } from './model.ts'

/** What somebody was changing on a camera, kept in this browser until it is saved or thrown away. */
export interface RuleDraft {
  /** The version it was made from, and what that said: so that another's change shows beside it. */
  readonly version: number
  readonly base: RuleSet
  readonly set: RuleSet
}

/** Each person has drafts of their own, one for each camera. */
const nameOf = (person: string, camera: string): string => `rules.${person}.${camera}`

export const readRuleDraft = (person: string, camera: string): RuleDraft | null =>
  parseRuleDraft(readSetting(nameOf(person, camera)))

export const keepRuleDraft = (person: string, camera: string, draft: RuleDraft | null): void =>
  writeSetting(nameOf(person, camera), draft === null ? '' : JSON.stringify(draft))

/** Total: what another version has left, or somebody's hand, is no draft. */
export function parseRuleDraft(text: string | null): RuleDraft | null {
  try {
    const said: unknown = JSON.parse(text || 'null')
    if (typeof said !== 'object' || said === null) return null
    const { version, base, set } = said as Record<string, unknown>
    return Number.isInteger(version) && isSet(base) && isSet(set)
      ? { version: version as number, base, set }
      : null
  } catch {
    return null
  }
}

/** Whether it is a set, whatever somebody's hand has left in the browser. */
export function isSet(value: unknown): value is RuleSet {
  if (typeof value !== 'object' || value === null) return false
  const { zones, privacy, rules } = value as Record<string, unknown>
  return (
    isZones(zones) &&
    Array.isArray(privacy) &&
    privacy.every(isPolygon) &&
    Array.isArray(rules) &&
    rules.every((rule) => typeof rule?.id === 'string' && typeof rule?.type === 'string')
  )
}

export const isZones = (value: unknown): value is RuleSet['zones'] =>
  typeof value === 'object' && value !== null && Object.values(value).every(isPolygon)

const isPolygon = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((point) => Array.isArray(point) && point.length === 2 && point.every(Number.isFinite))
