import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { citySchema } from '../core/config/city.ts'
import { schemaUri } from '../core/messages/envelope.ts'
import { MESSAGES, type MessageName } from '../core/messages/table.ts'
import { PROJECT_ROOT } from './data-folder.ts'

const ofMessage = (name: MessageName) => () => ({
  $id: schemaUri(name),
  ...z.toJSONSchema(MESSAGES[name].schema, { io: 'input' }),
})

/** JSON Schemas out of the schemas that parse: of the city file, for editors, and of the messages, for other programs. */
export const SCHEMAS = {
  'city.schema.json': () => z.toJSONSchema(citySchema, { io: 'input', unrepresentable: 'any' }),
  'hazard.event.v1.json': ofMessage('hazard.event.v1'),
  'sensor.readings.v1.json': ofMessage('sensor.readings.v1'),
  'alert.event.v1.json': ofMessage('alert.event.v1'),
  'case.event.v1.json': ofMessage('case.event.v1'),
  'notify.attempt.v1.json': ofMessage('notify.attempt.v1'),
} as const

export const SCHEMA_FOLDER = join(PROJECT_ROOT, 'docs', 'schemas')
export const schemaText = (name: keyof typeof SCHEMAS): string =>
  `${JSON.stringify(SCHEMAS[name](), null, 2)}\n`

/** `npm run schemas` writes them; a test compares. */
if (process.argv[1] === import.meta.filename) {
  mkdirSync(SCHEMA_FOLDER, { recursive: true })
  for (const name of Object.keys(SCHEMAS) as (keyof typeof SCHEMAS)[]) {
    writeFileSync(join(SCHEMA_FOLDER, name), schemaText(name))
    process.stdout.write(`${join('docs', 'schemas', name)}\n`)
  }
}
