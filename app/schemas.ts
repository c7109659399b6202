import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { citySchema } from '../core/config/city.ts'
import { schemaUri } from '../core/messages/envelope.ts'
import { MESSAGES, type MessageName } from '../core/messages/table.ts'
import { METRICS } from '../core/metrics.ts'
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

export const METRICS_FILE = join(PROJECT_ROOT, 'docs', 'metrics.md')

/** Every metric, for who builds a dashboard of his own. */
export function metricsText(): string {
  const rows = Object.entries(METRICS).map(([name, { kind, labels, help }]) =>
    ['', `\`sharp_eyes_${name}\``, kind, labels.map((label) => `\`${label}\``).join(' '), help, '']
      .join(' | ')
      .trim(),
  )
  return `# Metrics

Made of \`core/metrics.ts\` by \`npm run schemas\`. How they are scraped, and what to look at: [observability.md](observability.md).
A histogram \`x\` has \`x_bucket\`, \`x_sum\` and \`x_count\`. Every process also has Node's own figures (\`sharp_eyes_process_…\`,
\`sharp_eyes_nodejs_…\`).

| name | kind | labels | what it says |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}

/** `npm run schemas` writes them; a test compares. */
if (process.argv[1] === import.meta.filename) {
  mkdirSync(SCHEMA_FOLDER, { recursive: true })
  for (const name of Object.keys(SCHEMAS) as (keyof typeof SCHEMAS)[]) {
    writeFileSync(join(SCHEMA_FOLDER, name), schemaText(name))
    process.stdout.write(`${join('docs', 'schemas', name)}\n`)
  }
  writeFileSync(METRICS_FILE, metricsText())
  process.stdout.write(`${join('docs', 'metrics.md')}\n`)
}
