import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { collectOrphans } from '../../adapters/evidence-store/collect.ts'
import { makeNext } from '../../app/worker/picture-maker.ts'
import { runScript } from '../support/child.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { clipDeps } from './evidence-child.ts'

test.each([1, 2])(
  'killed after %i files are renamed and before their rows: no row names a missing file, the clip is made once',
  async (files) => {
    await using database = await createTestDatabase()
    const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-evidence-'))
    const id = randomUUID()
    await database.query(
      "insert into config_objects (kind, id, managed_by, version, body) values ('camera', 'cam', 'file', 1, $1)",
      [{ id: 'cam', privacy: [], masking: 'heads' }],
    )
    await database.query(
      `insert into alerts (id, fingerprint, source_kind, source_id, rule_id, rule_version, type, severity, state, started_at, since,
       last_seen_at, score, event_id, cause) values ($1::uuid, 'f', 'camera', 'cam', 'r', '1', 'fire', 1, 'firing', now(), now(), now(), 1, $1::uuid, '{}')`,
      [id],
    )
    await database.query(
      `insert into picture_requests (alert_id, camera, kind, pin_id, from_at, to_at, moment, worker, state)
     values ($1::uuid, 'cam', 'clip', 'p', now() - interval '40 s', now() - interval '10 s', now() - interval '20 s', 'w1', 'waiting')`,
      [id],
    )

    const script = join(import.meta.dirname, 'evidence-child.ts')
    const { signal } = await runScript(script, [database.url, folder, String(files)]).exited
    expect(signal).toBe('SIGKILL')
    expect((await database.query('select 1 from evidence')).rowCount).toBe(0)
    const stored = (await readdir(folder, { recursive: true })).filter((name) => /[0-9a-f]{64}$/.test(name))
    expect(stored, 'renamed before the kill').toHaveLength(files)

    // The next process tries again at once in the test; in life after some seconds.
    await database.query("update picture_requests set updated_at = now() - interval '1 hour'")
    const deps = clipDeps(database.url, folder, () => undefined)
    expect(await makeNext(deps, new AbortController().signal)).toBe(true)
    expect(await makeNext(deps, new AbortController().signal)).toBe(false)
    const { rows } = await database.query<{ sha256: string; variant: string }>(
      'select sha256, variant from evidence order by variant',
    )
    expect(rows.map((row) => row.variant)).toEqual(['masked', 'original'])
    expect((await database.query('select state, attempts from picture_requests')).rows).toEqual([
      { state: 'done', attempts: 2 },
    ])
    for (const { sha256 } of rows) expect(await deps.store.locate(sha256)).not.toBeNull()

    // A still whose event was never spooled leaves a file that no row will ever name: it goes after a day.
    const orphan = await deps.store.put(Buffer.from('a still without an event'))
    const path = (await deps.store.locate(orphan.sha256)) ?? ''
    await utimes(path, new Date(0), new Date(0))
    expect(await collectOrphans(folder, database, systemClock)).toBe(1)
    await deps.close()
    await rm(folder, { recursive: true })
  },
)
