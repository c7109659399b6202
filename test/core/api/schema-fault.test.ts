import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { SCHEMA_RULES, schemaFault } from '../../../core/api/schema-fault.ts'
import { ruleSchema } from '../../../core/config/rule.ts'
import { idSchema } from '../../../core/config/shared.ts'

const ROOT = join(import.meta.dirname, '../../..')

const faultOf = (schema: z.ZodType, value: unknown) => {
  const { error } = schema.safeParse(value)
  const [issue] = error?.issues ?? []
  if (!issue) throw new Error('the schema takes this value')
  return schemaFault(issue)
}
const at = (schema: z.ZodType, value: unknown) => faultOf(z.object({ a: schema }), { a: value })

const CASES = [
  ['needed', z.string(), undefined, {}],
  ['needed', z.string().min(1), '', {}],
  ['text', z.string(), 3, { kind: 'string' }],
  ['number', z.number(), '3', { kind: 'number' }],
  ['whole', z.int(), 1.5, { kind: 'int' }],
  ['yes_no', z.boolean(), 'yes', { kind: 'boolean' }],
  ['list', z.array(z.string()), 'a', { kind: 'array' }],
  ['kind', z.object({}), 'a', { kind: 'object' }],
  ['short', z.string().min(3), 'ab', { least: '3' }],
  ['long', z.string().max(2), 'abc', { most: '2' }],
  ['few', z.array(z.int()).min(2), [1], { least: '2' }],
  ['many', z.array(z.int()).max(1), [1, 2], { most: '1' }],
  ['small', z.number().min(5), 4, { least: '5' }],
  ['small_equal', z.number().gt(5), 5, { least: '5' }],
  ['large', z.number().max(5), 6, { most: '5' }],
  ['large_equal', z.number().lt(5), 5, { most: '5' }],
  ['step', z.number().multipleOf(4), 6, { step: '4' }],
  ['choice', z.enum(['x', 'y']), 'z', { choices: 'x, y' }],
  ['form', z.email(), 'nobody', { form: 'email' }],
  ['id_form', idSchema, 'a b', {}],
  ['hours_form', ruleSchema.options[0].shape.hours, 'always', {}],
  ['unknown_key', z.strictObject({}), { b: 1 }, { keys: 'b' }],
  ['other', z.string().refine(() => false, 'is taken'), 'a', { text: 'is taken' }],
] as const

test.each(CASES)('%s', (rule, schema, value, values) => {
  expect(at(schema, value)).toMatchObject({ path: 'a', rule, values })
})

test('every rule is among the cases or asked for by a schema, and the English words stay', () => {
  const folders = ['core/config', 'core/api', 'core/sensors', 'adapters/postgres', 'dashboard-api/http']
  const asked = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((file) => file.endsWith('.ts') && file !== 'schema-fault.ts')
      .flatMap((file) => [
        ...readFileSync(join(ROOT, folder, file), 'utf8').matchAll(/\bruled\('(\w+)'|\brule: '(\w+)'/g),
      ])
      .map(([, custom, plain]) => custom ?? plain),
  )
  const missing = SCHEMA_RULES.filter((rule) => !CASES.some(([of]) => of === rule) && !asked.includes(rule))
  expect(missing).toEqual([])
  expect(at(z.string().max(2), 'abc').message).toMatch(/string/)
})
