import { CATALOGUE, type HazardType } from '../../../../core/catalogue.ts'
import { PRESETS, type PresetName } from '../../../../core/config/presets.ts'
import type { RuleBody, RuleSet } from '../rules/model.ts'

/** Seen anywhere in the picture, or of the camera itself: a zone would only hide it. */
const isWhole = (type: string): boolean => ['any', 'camera'].includes(CATALOGUE[type as HazardType]?.domain)

/**
 * The rules of a set on what was drawn: where there are zones, rules that are about a place take the first of them. The
 * set's own zone comes only where nothing was drawn. Rules that were there before are replaced.
 */
export function withPreset(set: RuleSet, name: PresetName): RuleSet {
  const preset: Pick<RuleSet, 'zones' | 'rules'> = PRESETS[name]
  const [drawn] = Object.keys(set.zones)
  if (drawn === undefined) return { ...set, zones: { ...preset.zones }, rules: [...preset.rules] }
  return {
    ...set,
    rules: preset.rules.map((rule): RuleBody => (isWhole(rule.type) ? rule : { ...rule, zone: drawn })),
  }
}

/** The set whose rules these are, whatever else is set on them; null: none, or some were added or taken out. */
export function presetOf({ rules }: RuleSet): PresetName | null {
  const ids = rules.map(({ id }) => id).join()
  return (
    (Object.keys(PRESETS) as PresetName[]).find(
      (name) => PRESETS[name].rules.map(({ id }) => id).join() === ids,
    ) ?? null
  )
}
