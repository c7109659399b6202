import type { Polygon } from '../../../../core/geometry.ts'
import type { RuleBody, RuleSet } from './model.ts'

/** One difference between two versions, in words a page can translate. */
export type Difference =
  | { readonly kind: 'zoneAdded' | 'zoneRemoved'; readonly name: string; readonly points: number }
  | { readonly kind: 'zoneChanged'; readonly name: string; readonly from: number; readonly to: number }
  | { readonly kind: 'privacyChanged'; readonly from: number; readonly to: number }
  | { readonly kind: 'ruleAdded' | 'ruleRemoved'; readonly id: string; readonly type: string }
  | {
      readonly kind: 'ruleChanged'
      readonly id: string
      readonly type: string
      readonly key: string
      readonly before: unknown
      readonly after: unknown
    }

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** What has to be done to `before` to make it `after`; empty: they say the same. */
export function differences(before: RuleSet, after: RuleSet): readonly Difference[] {
  return [...zones(before.zones, after.zones), ...privacy(before, after), ...rules(before.rules, after.rules)]
}

function zones(before: RuleSet['zones'], after: RuleSet['zones']): readonly Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.flatMap((name): Difference[] => {
    const [old, now] = [own(before, name), own(after, name)]
    if (!old) return now ? [{ kind: 'zoneAdded', name, points: now.length }] : []
    if (!now) return [{ kind: 'zoneRemoved', name, points: old.length }]
    return same(old, now) ? [] : [{ kind: 'zoneChanged', name, from: old.length, to: now.length }]
  })
}

const own = (zones: RuleSet['zones'], name: string): Polygon | undefined =>
  Object.hasOwn(zones, name) ? zones[name] : undefined

const privacy = (before: RuleSet, after: RuleSet): readonly Difference[] =>
  same(before.privacy, after.privacy)
    ? []
    : [{ kind: 'privacyChanged', from: before.privacy.length, to: after.privacy.length }]

function rules(before: readonly RuleBody[], after: readonly RuleBody[]): readonly Difference[] {
  const find = (list: readonly RuleBody[], id: string) => list.find((rule) => rule.id === id)
  const ids = [...new Set([...before, ...after].map(({ id }) => id))]
  return ids.flatMap((id): Difference[] => {
    const [old, now] = [find(before, id), find(after, id)]
    if (!old) return now ? [{ kind: 'ruleAdded', id, type: now.type }] : []
    if (!now) return [{ kind: 'ruleRemoved', id, type: old.type }]
    return [...new Set([...Object.keys(old), ...Object.keys(now)])]
      .filter((key) => !same(old[key], now[key]))
      .map((key) => ({
        ...{ kind: 'ruleChanged' as const, id, type: now.type, key },
        ...{ before: old[key], after: now[key] },
      }))
  })
}
