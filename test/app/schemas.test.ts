import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { METRICS_FILE, metricsText, SCHEMA_FOLDER, SCHEMAS, schemaText } from '../../app/schemas.ts'

test.each(Object.keys(SCHEMAS) as (keyof typeof SCHEMAS)[])(
  '%s is what the code parses: "npm run schemas" writes it',
  (name) => {
    expect(readFileSync(join(SCHEMA_FOLDER, name), 'utf8')).toBe(schemaText(name))
  },
)

test('docs/metrics.md is what core/metrics.ts says: "npm run schemas" writes it', () => {
  expect(readFileSync(METRICS_FILE, 'utf8')).toBe(metricsText())
})
