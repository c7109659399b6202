import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { collectOrphans } from '../../adapters/evidence-store/collect.ts'
import { createDiskEvidenceStore } from '../../adapters/evidence-store/disk.ts'
import { createEvidenceCommands } from '../../alerts/evidence/holds.ts'
import { runRetention } from '../../alerts/evidence/retention.ts'
import { createPictureWork } from '../../alerts/evidence/work.ts'
import { makeNext } from '../../app/worker/picture-maker.ts'
import type { EvidenceSource, EvidenceStore, Masker } from '../../core/ports/evidence.ts'
import { person } from '../core/case-fixture.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const DAY = 86_400_000
const AUDITOR = person('auditor', ['auditor'])
let database: TestDatabase
let folder: string
let store: EvidenceStore
const unpinned: string[] = []

beforeEach(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-evidence-'))
  store = createDiskEvidenceStore(folder)
  unpinned.length = 0
  const camera = { id: 'cam', privacy: [], masking: 'heads' }
  await database.query(
    "insert into config_objects (kind, id, managed_by, version, body) values ('camera', 'cam', 'file', 1, $1)",
    [camera],
  )
})
afterEach(async () => {
  await database[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function alert(ageDays = 0): Promise<string> {
  const id = randomUUID()
  await database.query(
    `insert into alerts (id, fingerprint, source_kind, source_id, rule_id, rule_version, type, severity, state, started_at, since,
       last_seen_at, score, event_id, cause) values ($1::uuid, $1::text, 'camera', 'cam', 'r', '1', 'fire', 1, 'firing', now(), now(), now(), 1, $1::uuid, '{"box":[0,0,1,1]}')`,
    [id],
  )
  await database.query(
    `insert into picture_requests (alert_id, camera, kind, pin_id, from_at, to_at, moment, worker, state)
     values ($1::uuid, 'cam', 'clip', $1::text, now() - interval '40 s', now() - interval '10 s', now() - interval '20 s', 'w1', 'waiting')`,
    [id],
  )
  const file = await store.put(Buffer.from(`still of ${id}`))
  await database.query(
    `insert into evidence (id, owner_kind, owner_id, kind, variant, sha256, bytes, media_type, created_by, created_at)
     values ($1, 'alert', $2, 'still', 'masked', $3, $4, 'image/jpeg', 'test', now() - make_interval(days => $5))`,
    [randomUUID(), id, file.sha256, file.bytes, ageDays],
  )
  return id
}

const source = (clip: EvidenceSource['clip']): EvidenceSource => ({
  still: async () => null,
  pin: async () => undefined,
  unpin: async (id) => void unpinned.push(id),
  pinned: async () => [],
  clip,
})
const masker: Masker = {
  still: async () => ({ jpeg: new Uint8Array(), method: 'test' }),
  clip: async ({ target }) => {
    await writeFile(target, 'masked')
    return { method: 'test@1' }
  },
}
const systemClock = { now: () => Date.now(), sleep: async () => undefined }
const clipDeps = (clip: EvidenceSource['clip']) => ({
  work: createPictureWork({ database, clock: systemClock, metrics: recordingMetrics() }),
  worker: 'w1',
  source: source(clip),
  store,
  masker,
  clock: systemClock,
  log: silentLog,
  metrics: recordingMetrics(),
  workFolder: folder,
})
const signal = new AbortController().signal

describe('clips', () => {
  test('original and masked copy are stored, the row and the change come with them, the pin goes', async () => {
    const id = await alert()
    const deps = clipDeps(async ({ path, from, to }) => {
      await writeFile(path, 'original')
      return { from, to, codec: 'h264', width: 1, height: 1 }
    })
    expect(await makeNext(deps, signal)).toBe(true)
    const { rows } = await database.query<{ variant: string; sha256: string }>(
      "select variant, sha256 from evidence where kind = 'clip' order by variant",
    )
    expect(rows.map((r) => r.variant)).toEqual(['masked', 'original'])
    for (const row of rows) expect(await store.locate(row.sha256)).not.toBeNull()
    expect((await database.query('select state from picture_requests')).rows).toEqual([{ state: 'done' }])
    expect(
      (await database.query("select payload ->> 'clip' as clip from changes where key = $1", [id])).rows,
    ).toEqual([{ clip: 'ready' }])
    expect(unpinned).toEqual([id])
    expect(await makeNext(deps, signal)).toBe(false)
  })

  test('behind a backlog, those that can be in time come first, then the late ones', async () => {
    const ids: string[] = []
    for (const seconds of [600, 20, 300, 10]) {
      const id = await alert()
      await database.query(
        'update picture_requests set to_at = now() - make_interval(secs => $2) where alert_id = $1::uuid',
        [id, seconds],
      )
      ids.push(id)
    }
    const deps = clipDeps(async ({ path, from, to }) => {
      await writeFile(path, 'original')
      return { from, to, codec: 'h264', width: 1, height: 1 }
    })
    while (await makeNext(deps, signal));
    expect(unpinned).toEqual([ids[1], ids[3], ids[0], ids[2]])
  })

  test('a recording that does not cover it fails at once and says so', async () => {
    await alert()
    await makeNext(
      clipDeps(async () => null),
      signal,
    )
    const { rows } = await database.query<{ state: string; error: string }>(
      'select state, error from picture_requests',
    )
    expect(rows[0]?.state).toBe('failed')
    expect(rows[0]?.error).toMatch(/the recording does not cover it/)
  })

  test('another failure is tried again and given up after five attempts', async () => {
    await alert()
    const deps = clipDeps(async () => Promise.reject(new Error('ffmpeg broke')))
    for (let attempt = 1; attempt <= 5; attempt++) {
      await database.query("update picture_requests set updated_at = now() - interval '1 hour'")
      expect(await makeNext(deps, signal)).toBe(true)
    }
    expect((await database.query('select state, attempts from picture_requests')).rows).toEqual([
      { state: 'failed', attempts: 5 },
    ])
  })
})

describe('retention', () => {
  const clock = { now: () => Date.now(), sleep: async () => undefined }
  const run = () => runRetention({ database, store, clock, log: silentLog, metrics: recordingMetrics() })

  test('deletes what is old, keeps the hash, and leaves what is held or young', async () => {
    const [old, held, young] = [await alert(91), await alert(91), await alert(1)]
    const holds = createEvidenceCommands({ database, clock, log: silentLog, metrics: recordingMetrics() })
    const owner = { kind: 'alert', id: held ?? '' } as const
    const { id } = await holds.hold(owner, 'court', AUDITOR)
    expect(await run()).toEqual({ deleted: 1 })
    const { rows } = await database.query<{ owner_id: string; sha256: string; tombstoned_at: Date | null }>(
      'select owner_id, sha256, tombstoned_at from evidence',
    )
    for (const row of rows) {
      expect(row.tombstoned_at !== null).toBe(row.owner_id === old)
      expect((await store.locate(row.sha256)) === null).toBe(row.owner_id === old)
    }
    expect(rows.map((r) => r.owner_id)).toContain(young)
    await holds.release(owner, id, 'judged', AUDITOR)
    expect(await run()).toEqual({ deleted: 1 })
  })

  test('bytes that another living row names stay', async () => {
    const id = await alert(91)
    await database.query(
      `insert into evidence (id, owner_kind, owner_id, kind, variant, sha256, bytes, media_type, created_by)
       select $1, 'alert', $2, 'still', 'masked', sha256, bytes, media_type, 'test' from evidence where owner_id = $3`,
      [randomUUID(), await alert(1), id],
    )
    expect(await run()).toEqual({ deleted: 1 })
    const { rows } = await database.query<{ sha256: string }>(
      'select sha256 from evidence where owner_id = $1',
      [id],
    )
    expect(await store.locate(rows[0]?.sha256 ?? '')).not.toBeNull()
  })

  test('files that no row names for a day are collected', async () => {
    await alert(0)
    const orphan = await store.put(Buffer.from('killed before its row'))
    const path = (await store.locate(orphan.sha256)) ?? ''
    expect(await collectOrphans(folder, database, clock)).toBe(0)
    const past = new Date(Date.now() - 2 * DAY)
    await utimes(path, past, past)
    expect(await collectOrphans(folder, database, clock)).toBe(1)
    expect(await store.locate(orphan.sha256)).toBeNull()
  })
})
