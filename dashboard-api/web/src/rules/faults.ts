import { fieldsOf, needsZone } from '../../../../core/config/rule-fields.ts'
import { findPolygonFault, type PolygonFault } from '../../../../core/geometry.ts'
import { parseDuration } from '../../../../core/units.ts'
import { type RuleBody, type RuleSet, type ShapeKey, shapesOf } from './model.ts'

/** What is wrong and where; `code` is a word of the dictionary below `ruleDesk.fault`. */
export interface SetFault {
  /** A shape, or a rule with the key that is wrong. */
  readonly at: ShapeKey | `rule:${string}:${string}`
  readonly code: string
  readonly values: Readonly<Record<string, string | number>>
}

const ID = /^[a-z0-9][a-z0-9._-]{0,62}$/i
const HOURS = /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$/

/** Why the zone cannot be called `name`, as a word of the dictionary; null: it can. */
export const nameFault = (set: RuleSet, from: string, name: string): 'nameBad' | 'nameTaken' | null =>
  !ID.test(name) ? 'nameBad' : name !== from && Object.hasOwn(set.zones, name) ? 'nameTaken' : null

/** What the server would refuse, said before it is asked; the server has the last word. */
export function faultsOf(set: RuleSet): readonly SetFault[] {
  return [
    ...shapesOf(set).flatMap(({ key, points }) => shapeFault(key, findPolygonFault(points)) ?? []),
    ...set.rules.flatMap((rule) => ruleFaults(rule, set)),
  ]
}

function shapeFault(at: ShapeKey, fault: PolygonFault | null): SetFault | null {
  switch (fault?.kind) {
    case undefined:
      return null
    case 'points':
      return { at, code: 'points', values: { n: fault.count } }
    case 'outside':
      return { at, code: 'outside', values: { x: fault.point[0], y: fault.point[1] } }
    case 'crosses':
      return { at, code: 'crosses', values: { a: fault.sides[0], b: fault.sides[1] } }
    case 'no_area':
      return { at, code: 'noArea', values: {} }
  }
}

function ruleFaults(rule: RuleBody, set: RuleSet): readonly SetFault[] {
  const faults: SetFault[] = []
  const add = (key: string, code: string, values: SetFault['values'] = {}) =>
    faults.push({ at: `rule:${rule.id}:${key}`, code, values })
  if (!ID.test(rule.id)) add('id', 'nameBad')
  const { zone, hours } = rule
  if (typeof zone === 'string' && !Object.hasOwn(set.zones, zone)) add('zone', 'zoneGone', { zone })
  if (zone === undefined && needsZone(rule.type)) add('zone', 'zoneNeeded')
  if (hours !== undefined && !(typeof hours === 'string' && HOURS.test(hours))) add('hours', 'hoursBad')
  for (const { key, unit, min, max, fallback } of fieldsOf(rule.type)) {
    const value = rule[key]
    if (value === undefined) {
      if (fallback === null && unit !== 'duration') add(key, 'needed')
      continue
    }
    const number = unit === 'duration' ? parseDuration(String(value)) : value
    if (typeof number !== 'number' || number < min || (max !== null && number > max)) add(key, 'limits')
    else if (unit === 'persons' && !Number.isInteger(number)) add(key, 'limits')
  }
  const { minArea, maxArea } = rule
  if (typeof minArea === 'number' && typeof maxArea === 'number' && minArea > maxArea)
    add('maxArea', 'areaOrder')
  return faults
}
