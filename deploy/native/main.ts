import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createLog } from '../../adapters/log.ts'
import { startDeployment } from './deployment.ts'

const HELP = `node deploy/native/main.ts --folder DIR --city city.yaml [--workers 2] [--alerts 1] [--apis 1]

Starts what deploy/compose.yaml starts, as processes of this machine on loopback: PostgreSQL, Kafka, Mosquitto,
and the roles api, alerts and ingest. Ctrl+C ends all of it; data stays in DIR. DIR/environment has the variables with
which other commands reach it: set -a; . DIR/environment; npx sharp-eyes workers list
`
const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    city: { type: 'string' },
    workers: { type: 'string', default: '2' },
    alerts: { type: 'string', default: '1' },
    apis: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help || !values.folder || !values.city) {
  process.stderr.write(HELP)
  process.exit(values.help ? 0 : 1)
}
const folder = resolve(values.folder)
await mkdir(folder, { recursive: true })
const deployment = await startDeployment({
  folder,
  city: resolve(values.city),
  log: createLog('deployment', 'warn'),
  workers: Number(values.workers),
  alerts: Number(values.alerts),
  apis: Number(values.apis),
})
for (const [name, part] of deployment.parts) process.stdout.write(`${name.padEnd(12)}pid ${part.pid}\n`)
const environment = join(folder, 'environment')
await writeFile(
  environment,
  Object.entries({
    DATABASE_URL_FILE: deployment.databaseUrlFile,
    KAFKA_BROKERS: deployment.brokers,
    MQTT_URL: deployment.mqttUrl,
    SHARP_EYES_DATA: deployment.siteFolder,
  })
    .map(([name, value]) => `${name}='${value}'\n`)
    .join(''),
)
process.stdout.write(
  `pages at ${deployment.apis.join(', ')}; logs in ${folder}/logs; ${environment} is for other commands\nCtrl+C stops it.\n`,
)
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    deployment[Symbol.asyncDispose]().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  })
