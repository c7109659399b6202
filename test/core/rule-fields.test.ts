import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type RuleConfig, ruleSchema } from '../../core/config/rule.ts'
import { type BuiltType, needsZone, RULE_FIELDS } from '../../core/config/rule-fields.ts'
import { createRule } from '../../inference/rules/table.ts'

interface TypeSchema {
  readonly properties: Readonly<
    Record<string, { const?: string; type?: string; minimum?: number; maximum?: number }>
  >
  readonly required: readonly string[]
}
const schemas = (z.toJSONSchema(ruleSchema, { io: 'input' }) as unknown as { oneOf: readonly TypeSchema[] })
  .oneOf
const schemaOf = (type: string) =>
  schemas.find(({ properties }) => properties.type?.const === type) as TypeSchema
const COMMON = ['id', 'type', 'zone', 'severity', 'hours', 'enabled']
const types = Object.keys(RULE_FIELDS) as BuiltType[]

test('every built type has its numbers', () => {
  const built = schemas.flatMap(({ properties }) => properties.type?.const ?? [])
  expect(types.toSorted()).toEqual(built.toSorted())
})

describe.each(types)('%s', (type) => {
  const fields = RULE_FIELDS[type]
  const { properties, required } = schemaOf(type)

  test('has the keys and limits of the schema', () => {
    expect(fields.map(({ key }) => key as string).toSorted()).toEqual(
      Object.keys(properties)
        .filter((key) => !COMMON.includes(key))
        .toSorted(),
    )
    for (const { key, unit, min, max, fallback } of fields) {
      if (unit === 'duration') expect(properties[key]?.type).toBe('string')
      else {
        expect(properties[key]?.minimum).toBe(min)
        // Whole numbers have the platform's own end.
        const top = properties[key]?.maximum
        expect(top === undefined || top === Number.MAX_SAFE_INTEGER ? null : top).toBe(max)
      }
      expect(required.includes(key)).toBe(fallback === null)
    }
    expect(required.includes('zone')).toBe(needsZone(type))
  })

  test('names the defaults that the rule really has', () => {
    const given = Object.fromEntries(fields.flatMap((f) => (f.fallback === null ? [[f.key, f.min]] : [])))
    const config = { id: 'a', type, ...(needsZone(type) ? { zone: 'z' } : {}), ...given } as RuleConfig
    const zones = { z: [[0, 0], [1, 0], [1, 1]] } as const // biome-ignore format: one shape
    const rule = createRule(config, { zones, privacy: [] })
    const real: Record<string, unknown> = {
      ...rule?.thresholds,
      for: rule?.thresholds.forMs,
      clear: rule?.clearMs,
    }
    for (const { key, fallback } of fields) if (fallback !== null) expect(real[key], key).toBe(fallback)
  })
})
