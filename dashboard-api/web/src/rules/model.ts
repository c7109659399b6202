import type { Point, Polygon } from '../../../../core/geometry.ts'

/** A rule in the form of the city file: durations as text, keys that this page does not know stay. */
export interface RuleBody {
  readonly id: string
  readonly type: string
  readonly [key: string]: unknown
}

/** What of a camera's configuration this page changes. */
export interface RuleSet {
  readonly zones: Readonly<Record<string, Polygon>>
  readonly privacy: readonly Polygon[]
  readonly rules: readonly RuleBody[]
}

/** `zone:NAME` or `privacy:INDEX`. */
export type ShapeKey = `zone:${string}` | `privacy:${number}`

export interface Shape {
  readonly key: ShapeKey
  readonly kind: 'zone' | 'privacy'
  /** Name of a zone, number (from 1) of a privacy polygon. */
  readonly name: string
  readonly points: Polygon
}

export const shapesOf = (set: RuleSet): readonly Shape[] => [
  ...Object.entries(set.zones).map(([name, points]) => ({
    ...{ key: `zone:${name}` as const, kind: 'zone' as const, name, points },
  })),
  ...set.privacy.map((points, i) => ({
    ...{ key: `privacy:${i}` as const, kind: 'privacy' as const, name: `${i + 1}`, points },
  })),
]

export const shapeOf = (set: RuleSet, key: ShapeKey | null): Shape | null =>
  shapesOf(set).find((shape) => shape.key === key) ?? null

const nameOf = (key: ShapeKey): string => key.slice(key.indexOf(':') + 1)
const isZone = (key: ShapeKey): boolean => key.startsWith('zone:')

export function withPoints(set: RuleSet, key: ShapeKey, points: Polygon): RuleSet {
  if (isZone(key)) return { ...set, zones: { ...set.zones, [nameOf(key)]: points } }
  return { ...set, privacy: set.privacy.map((old, i) => (i === Number(nameOf(key)) ? points : old)) }
}

/** A new shape without points. A zone gets the first free name `zone-N`. */
export function withShape(set: RuleSet, kind: Shape['kind']): readonly [RuleSet, ShapeKey] {
  if (kind === 'privacy') return [{ ...set, privacy: [...set.privacy, []] }, `privacy:${set.privacy.length}`]
  let n = 1
  while (Object.hasOwn(set.zones, `zone-${n}`)) n += 1
  return [{ ...set, zones: { ...set.zones, [`zone-${n}`]: [] } }, `zone:zone-${n}`]
}

export function withoutShape(set: RuleSet, key: ShapeKey): RuleSet {
  if (!isZone(key)) return { ...set, privacy: set.privacy.filter((_, i) => i !== Number(nameOf(key))) }
  return {
    ...set,
    zones: Object.fromEntries(Object.entries(set.zones).filter(([name]) => name !== nameOf(key))),
  }
}

/** The zone keeps its place and its rules follow it. */
export const withZoneName = (set: RuleSet, from: string, to: string): RuleSet => ({
  ...set,
  zones: Object.fromEntries(
    Object.entries(set.zones).map(([name, points]) => [name === from ? to : name, points]),
  ),
  rules: set.rules.map((rule) => (rule.zone === from ? { ...rule, zone: to } : rule)),
})

/** A value of `undefined` takes the key out: then the default holds. */
export const withRule = (set: RuleSet, id: string, change: Readonly<Record<string, unknown>>): RuleSet => ({
  ...set,
  rules: set.rules.map((rule) =>
    rule.id === id
      ? (Object.fromEntries(
          Object.entries({ ...rule, ...change }).filter(([, value]) => value !== undefined),
        ) as unknown as RuleBody)
      : rule,
  ),
})

/** Four digits: a ten-thousandth of the picture is less than a pixel of any camera's zone. */
export const roundPoint = ([x, y]: Point): Point => [Math.round(x * 1e4) / 1e4, Math.round(y * 1e4) / 1e4]

/** Total: the three keys of a camera's body, whatever else it holds. */
export function setOf(body: Readonly<Record<string, unknown>>): RuleSet {
  const { zones, privacy, rules } = body
  return {
    zones: typeof zones === 'object' && zones !== null ? (zones as RuleSet['zones']) : {},
    privacy: Array.isArray(privacy) ? privacy : [],
    rules: Array.isArray(rules) ? rules : [],
  }
}

/** The body with this set in the place of its own. */
export const bodyWith = (
  body: Readonly<Record<string, unknown>>,
  set: RuleSet,
): Readonly<Record<string, unknown>> => ({ ...body, ...set })
