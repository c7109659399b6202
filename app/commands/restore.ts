import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { importDatabase } from '../../adapters/postgres/backup.ts'
import { renewEpochs } from '../../adapters/postgres/control-plane.ts'
import { migrate } from '../../adapters/postgres/migrate.ts'
import { renewPublisher } from '../../alerts/changes/publish.ts'
import { createJobs } from '../../alerts/jobs/jobs.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Database } from '../../core/ports/database.ts'
import { bringAudit } from '../backup/audit.ts'
import { bringEvidence } from '../backup/evidence.ts'
import { EVIDENCE, type Manifest, readManifest, TABLES } from '../backup/manifest.ts'
import { dataFolder } from '../data-folder.ts'
import { openDatabase } from '../database.ts'
import { openEvidenceStore } from '../evidence.ts'
import { type Tools, withTools } from '../tools.ts'

interface Options {
  readonly from: string
  readonly data?: string
  readonly json?: boolean
}

export function addRestore(program: Command): void {
  program
    .command('restore')
    .description('fill an empty data folder (or an empty DATABASE_URL) from a backup')
    .requiredOption('--from <dir>', 'a folder that "backup" wrote')
    .option('--data <dir>', 'data folder; nothing may run on it')
    .option('--json', 'one JSON object')
    .action((options: Options) => withTools('restore', (tools) => restore(options, tools)))
}

async function restore(options: Options, tools: Tools): Promise<void> {
  const from = resolve(options.from)
  const manifest = await readManifest(from)
  const { migrations, jobs, tables, partitions } = manifest.database
  const data = await dataFolder(options.data)
  const { database, url } = await openDatabase({ folder: data, tools, own: true, only: migrations })
  await refuseFilled(database)
  const known = await database.query<{ name: string }>('select name from migrations')
  const unknown = migrations.filter((name) => !known.rows.some((row) => row.name === name))
  if (unknown.length > 0)
    throw new SharpEyesError(
      'not_ready',
      `${from}: was written by a newer version (${unknown.join(', ')}); restore with version ${manifest.version} or later`,
    )
  await makePartitions(database, partitions)
  const notes = jobs === null ? [] : await prepareJobs(url, jobs, database, tools)
  const say = (text: string) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
  }
  const taken = notes.length > 0 ? tables.filter(({ schema }) => schema !== 'jobs') : tables
  await importDatabase(database.pool, join(from, TABLES), { ...manifest.database, tables: taken }, say)
  await migrate(database, tools.log)
  // What it publishes from here on is another log: consumers must not take it for copies of what they know.
  await renewPublisher(database)
  await renewEpochs(database)
  await bringAudit(from, data)
  say('evidence')
  const { store } = await openEvidenceStore(data, tools)
  const evidence = existsSync(join(from, EVIDENCE))
    ? await bringEvidence(database, store, join(from, EVIDENCE))
    : { files: 0, bytes: 0, missing: [] }
  say('')
  const rows = taken.reduce((sum, table) => sum + table.rows, 0)
  if (options.json) process.stdout.write(`${JSON.stringify({ rows, evidence, notes })}\n`)
  else {
    process.stdout.write(
      `restored as of ${manifest.database.at}: ${rows} rows, ${evidence.files} evidence files into ${data.path}\n`,
    )
    const { kafka } = await tools.settings()
    const bus = kafka
      ? [
          `what came over Kafka after ${manifest.database.at} is still in the topics for seven days: before "alerts" starts, set the groups alerting.hazard.events.v1 and alerting.sensor.readings.v1 back to that time (kafka-consumer-groups.sh --reset-offsets --to-datetime …); messages that are here already are known`,
        ]
      : []
    for (const note of [...notes, ...bus, ...missing(manifest, evidence.missing)])
      process.stdout.write(`${note}\n`)
  }
}

/** What stands in the database already must not be mixed with another city's past. */
async function refuseFilled(database: Database): Promise<void> {
  const { rows } = await database.query<{ filled: boolean }>(
    `select exists (select from config_objects) or exists (select from alerts) or exists (select from cases) as filled`,
  )
  if (rows[0]?.filled)
    throw new SharpEyesError(
      'state_conflict',
      'the database is not empty: restore into a new --data folder, or name an empty database in DATABASE_URL',
    )
}

/** The days of the backup, so that its rows do not all fall into the default partitions. */
async function makePartitions(database: Database, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const day = /^(events|readings)_(\d{4})(\d{2})(\d{2})$/.exec(name)
    if (!day) continue
    const [, table, year, month, date] = day
    const start = Date.UTC(Number(year), Number(month) - 1, Number(date))
    const iso = (at: number) => new Date(at).toISOString()
    await database.query(
      `create table if not exists ${name} partition of ${table} for values from ('${iso(start)}') to ('${iso(start + 86_400_000)}')`,
    )
  }
}

/** Makes the job queue's own tables. What is answered is told: then reminders are not restored. */
async function prepareJobs(
  url: string,
  wanted: number,
  database: Database,
  tools: Tools,
): Promise<readonly string[]> {
  const jobs = await createJobs({ url, log: tools.log, metrics: tools.metrics })
  await jobs[Symbol.asyncDispose]()
  const { rows } = await database.query<{ version: number }>(
    'select version::int as version from jobs.version',
  )
  if (rows[0]?.version === wanted) return []
  return [
    `the job queue of the backup has schema ${wanted}, this version has ${rows[0]?.version}: waiting reminders and deadlines were not restored; overdue cases are still seen on the lists`,
  ]
}

const missing = ({ evidence }: Manifest, lost: readonly string[]): readonly string[] =>
  evidence.kind !== 'copied'
    ? [
        `evidence is not in this backup (${evidence.kind === 'elsewhere' ? 'it is in the object store' : 'left out'})`,
      ]
    : lost.length === 0
      ? []
      : [`${lost.length} evidence files are not in the backup, for example ${lost[0]}`]
