import { expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createDiskEvidenceStore } from '../../adapters/evidence-store/disk.ts'
import { applyConfig, configObjects } from '../../adapters/postgres/config-store.ts'
import { createJobs } from '../../alerts/jobs/jobs.ts'
import { sampleCity } from '../../app/sample-city.ts'
import { seed } from '../../app/seed/seed.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { testMediaTools } from '../support/media-tools.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** The sample city on a database of its own; jobs are real and nobody works on them. */
async function openSite() {
  const database = await createTestDatabase()
  const folder = await tempFolder()
  const metrics = recordingMetrics()
  const jobs = await createJobs({ url: database.url, log: silentLog, metrics })
  const city = sampleCity(folder.path)
  await applyConfig(database, configObjects(city), { actor: 'test', reason: 'test', write: true })
  const store = createDiskEvidenceStore(folder.path)
  const once = () =>
    seed({
      ...{ database, store, jobs, metrics, log: silentLog, clock: systemClock },
      ...{ cameras: city.cameras, mediaTools: testMediaTools(), publicUrl: 'http://127.0.0.1:8080' },
    })
  return {
    ...{ database, store, once },
    async [Symbol.asyncDispose]() {
      await jobs[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

test('a fresh development database has alerts and cases in every state that a page shows', async () => {
  await using site = await openSite()
  const { database } = site
  expect(await site.once()).toEqual({ alerts: 15, cases: 6 })

  const count = async (sql: string) =>
    Object.fromEntries(
      (await database.query<{ key: string; n: number }>(sql)).rows.map(({ key, n }) => [key, n]),
    )
  expect(await count('select state as key, count(*)::int as n from alerts group by 1')).toEqual({
    firing: 5,
    resolved: 10,
  })
  expect(
    await count("select coalesce(verdict, 'none') as key, count(*)::int as n from alerts group by 1"),
  ).toEqual({ confirmed: 6, rejected: 2, none: 7 })
  const acknowledged = await database.query('select 1 from alerts where acknowledged_at is not null')
  expect(acknowledged.rowCount).toBeGreaterThanOrEqual(3)
  expect(await count('select state as key, count(*)::int as n from cases group by 1')).toEqual({
    pending_accept: 1,
    handling: 2,
    pending_check: 1,
    pending_close: 1,
    closed: 1,
  })
  const soon = await database.query(
    "select 1 from cases where state = 'handling' and handle_due_at between now() and now() + interval '1 hour'",
  )
  expect(soon.rowCount).toBe(1)
  expect((await database.query('select 1 from dead_letters')).rowCount).toBe(0)

  const { rows: pictures } = await database.query<{ kind: string; sha256: string }>(
    'select kind, sha256 from evidence',
  )
  expect(pictures.filter(({ kind }) => kind === 'still')).toHaveLength(15)
  // Three reports and two verifications with a photo each.
  expect(pictures.filter(({ kind }) => kind === 'attachment')).toHaveLength(5)
  for (const { sha256 } of pictures) expect(await site.store.locate(sha256)).not.toBeNull()
})

test('seeding again changes nothing, and what a person did meanwhile stays', async () => {
  await using site = await openSite()
  const { database } = site
  await site.once()
  const { rows } = await database.query<{ id: string }>(
    "update alerts set verdict = 'rejected', verdict_reason = 'other', verdict_by = 'somebody' where type = 'no_mask' and verdict = 'confirmed' returning id",
  )
  const all = async () => (await database.query<{ n: number }>('select count(*)::int as n from changes')).rows
  const before = await all()
  expect(await site.once()).toEqual({ alerts: 15, cases: 6 })
  expect(await all()).toEqual(before)
  const after = await database.query<{ verdict_by: string }>('select verdict_by from alerts where id = $1', [
    rows[0]?.id,
  ])
  expect(after.rows).toEqual([{ verdict_by: 'somebody' }])
})
