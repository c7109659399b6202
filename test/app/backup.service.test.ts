import { execFile } from 'node:child_process'
import { appendFile, readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createDiskEvidenceStore } from '../../adapters/evidence-store/disk.ts'
import { applyConfig, configObjects } from '../../adapters/postgres/config-store.ts'
import { connectPostgres } from '../../adapters/postgres/database.ts'
import { startEmbeddedPostgres } from '../../adapters/postgres/embedded.ts'
import { createJobs } from '../../alerts/jobs/jobs.ts'
import { sampleCity } from '../../app/sample-city.ts'
import { seed } from '../../app/seed/seed.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { testMediaTools } from '../support/media-tools.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { siteFolder } from '../support/site.ts'

const run = promisify(execFile)
const MAIN = resolve(import.meta.dirname, '../../app/main.ts')
const LIMIT = 240_000

let source: TestDatabase
let folder: Awaited<ReturnType<typeof siteFolder>>
const path = (name: string) => join(folder.path, name)

/** The real command in a process of its own; rejects with its words when it fails. */
const command = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  run(process.execPath, [MAIN, ...args], { env: { ...process.env, ...env } }).then(({ stdout }) => stdout)

/** Every table's content as one hash. */
async function digest(database: Queryable): Promise<Record<string, string | null>> {
  const { rows: tables } = await database.query<{ name: string }>(
    `select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
        and relname not in ('migrations', 'sessions') order by 1`,
  )
  const found: Record<string, string | null> = {}
  for (const { name } of tables) {
    const { rows } = await database.query<{ hash: string | null }>(
      `select md5(string_agg(t::text, chr(10) order by t::text)) as hash from ${name} t`,
    )
    found[name] = rows[0]?.hash ?? null
  }
  const jobs = await database.query<{ jobs: number }>(
    "select count(*)::int as jobs from jobs.job where state in ('created', 'retry', 'active') and name not like '\\_\\_%'",
  )
  return { ...found, 'jobs that wait': String(jobs.rows[0]?.jobs) }
}

beforeAll(async () => {
  source = await createTestDatabase()
  folder = await siteFolder()
  const metrics = recordingMetrics()
  const jobs = await createJobs({ url: source.url, log: silentLog, metrics })
  const city = sampleCity(folder.path)
  await applyConfig(source, configObjects(city), { actor: 'test', reason: 'test', write: true })
  await seed({
    ...{ database: source, jobs, metrics, log: silentLog, clock: systemClock },
    store: createDiskEvidenceStore(path('site/evidence')),
    ...{ cameras: city.cameras, mediaTools: testMediaTools(), publicUrl: 'http://127.0.0.1:8080' },
  })
  await source.query(
    "insert into camera_leases (camera, worker, epoch, until) values ('sample-works', 'hall/1', 7, now())",
  )
  await jobs[Symbol.asyncDispose]()
}, LIMIT)
afterAll(async () => {
  await source[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

test(
  'a backup of a site is restored into an embedded database, row for row and picture for picture',
  async () => {
    const env = { DATABASE_URL: source.url }
    const before = await digest(source)
    expect(Number(before['jobs that wait'])).toBeGreaterThan(0)
    const told = JSON.parse(
      await command(['backup', '--to', path('copy'), '--data', path('site'), '--json'], env),
    )
    expect(told.evidence).toMatchObject({ kind: 'copied', missing: [] })
    expect((await stat(path('copy'))).mode & 0o077).toBe(0)

    await command(['restore', '--from', path('copy'), '--data', path('new')])
    const server = await startEmbeddedPostgres({ folder: path('new'), log: silentLog, clock: systemClock })
    const restored = connectPostgres({ url: server.url, log: silentLog, max: 2 })
    try {
      const after = await digest(restored)
      // What is published from here on is another log: consumers must not take it for copies.
      expect(after.change_publisher).not.toBe(before.change_publisher)
      // Cameras went on under later epochs since: those that are given from here on are later still.
      const epochs = await restored.query('select camera, epoch::int as epoch from camera_leases')
      expect(epochs.rows).toEqual([{ camera: 'sample-works', epoch: 1_000_007 }])
      const others = { change_publisher: null, camera_leases: null }
      expect({ ...after, ...others }).toEqual({ ...before, ...others })
      const { rows } = await restored.query<{ sha256: string }>('select sha256 from evidence')
      const store = createDiskEvidenceStore(path('new/evidence'))
      for (const { sha256 } of rows) expect(await store.locate(sha256)).not.toBeNull()
      // Numbers go on after those that were restored.
      const next = await restored.query<{ more: boolean }>(
        `insert into changes (topic, key, payload) values ('alert', 'x', '{}')
         returning id > (select max(id) from changes where key <> 'x') as more`,
      )
      expect(next.rows).toEqual([{ more: true }])
    } finally {
      await restored[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    }
  },
  LIMIT,
)

test(
  'what is no backup, a damaged one, a filled database and a folder that is not empty are refused',
  async () => {
    const env = { DATABASE_URL: source.url }
    const to = path('second')
    await command(['backup', '--to', to, '--data', path('site'), '--no-evidence'], env)
    await expect(command(['backup', '--to', to, '--data', path('site')], env)).rejects.toThrow('is not empty')
    await expect(command(['restore', '--from', to, '--data', path('site')], env)).rejects.toThrow(
      'the database is not empty',
    )
    const [table] = await readdir(join(to, 'tables'))
    await appendFile(join(to, 'tables', table ?? ''), 'x')
    await expect(command(['restore', '--from', to, '--data', path('other')])).rejects.toThrow('has changed')
    await rm(join(to, 'manifest.json'))
    await expect(command(['restore', '--from', to, '--data', path('other')])).rejects.toThrow(
      'no complete backup',
    )
  },
  LIMIT,
)
