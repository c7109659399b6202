import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDiskEvidenceStore } from '../../adapters/evidence-store/disk.ts'
import { readLog } from '../../alerts/cases/store.ts'
import { createEvidenceCommands } from '../../alerts/evidence/holds.ts'
import { runRetention } from '../../alerts/evidence/retention.ts'
import type { Database } from '../../core/ports/database.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'
import { person } from '../core/case-fixture.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { insertAlert, openCases, STAFF } from './cases-fixture.ts'

const AUDITOR = person('audit.1', ['auditor'])
const INVESTIGATOR = person('inv.1', ['investigator'])
const clock = { now: () => Date.now(), sleep: async () => undefined }

let house: Awaited<ReturnType<typeof openCases>>
let folder: string
let store: EvidenceStore
beforeEach(async () => {
  house = await openCases()
  folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-holds-'))
  store = createDiskEvidenceStore(folder)
})
afterEach(async () => {
  await house[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const deps = (database: Database = house.database) => ({
  database,
  clock,
  log: silentLog,
  metrics: recordingMetrics(),
})
const commands = (database?: Database) => createEvidenceCommands(deps(database))
const retention = (database?: Database) => runRetention({ ...deps(database), store })

/** A closed case of four years ago with the old still of its alert and an attachment. */
async function oldCase(): Promise<{ no: string; alertId: string }> {
  const alertId = await insertAlert(house.database)
  const { no } = await house.commands.file({ alertId }, STAFF.operator)
  await closeLongAgo(no)
  await evidence('alert', alertId, 'still')
  await evidence('case', no, 'attachment')
  return { no, alertId }
}

/** As the snapshot has it, too: the next entry of the log writes the columns anew from there. */
async function closeLongAgo(no: string): Promise<void> {
  const at = Date.now() - 4 * 366 * 86_400_000
  await house.database.query(
    "update cases set closed_at = $2, body = jsonb_set(body, '{closedAt}', to_jsonb($3::bigint)) where no = $1",
    [no, new Date(at), at],
  )
}

async function evidence(owner: 'alert' | 'case' | 'recording', id: string, kind: string): Promise<void> {
  const file = await store.put(Buffer.from(`${kind} of ${id}`))
  await house.database.query(
    `insert into evidence (id, owner_kind, owner_id, kind, variant, sha256, bytes, media_type, created_by, created_at)
     values ($1, $2, $3, $4, 'masked', $5, $6, 'image/jpeg', 'test', now() - interval '4 years')`,
    [randomUUID(), owner, id, kind, file.sha256, file.bytes],
  )
}

const living = async (): Promise<number> =>
  (await house.database.query('select 1 from evidence where tombstoned_at is null')).rowCount

/** The same database, in which the statement that matches waits, once done, inside its transaction. */
function pausing(statement: RegExp): { database: Database; reached: Promise<void>; goOn: () => void } {
  const reached = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const { database } = house
  return {
    reached: reached.promise,
    goOn: gate.resolve,
    database: {
      query: (sql, params) => database.query(sql, params),
      listen: (channel, onNotify) => database.listen(channel, onNotify),
      transaction: (work) =>
        database.transaction((tx) =>
          work({
            async query(sql, params) {
              const answer = await tx.query(sql, params)
              if (statement.test(sql)) {
                reached.resolve()
                await gate.promise
              }
              return answer as never
            },
          }),
        ),
    },
  }
}

/** True when the work is still waiting after a while: a lock keeps it. */
const waits = (work: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    work.then(
      () => false,
      () => false,
    ),
    new Promise<boolean>((done) => setTimeout(() => done(true), 300)),
  ])

test('a hold of a case keeps what the case and its alert own, until it is released with a reason', async () => {
  const { no } = await oldCase()
  const { id, gone } = await commands().hold({ kind: 'case', id: no }, '法院调取', INVESTIGATOR)
  expect(gone).toBe(0)
  expect(await retention()).toEqual({ deleted: 0 })
  await expect(commands().release({ kind: 'case', id: no }, randomUUID(), 'x y', AUDITOR)).rejects.toThrow(
    /no hold/,
  )
  await commands().release({ kind: 'case', id: no }, id, '已判决', AUDITOR)
  await expect(commands().release({ kind: 'case', id: no }, id, '再次', AUDITOR)).rejects.toThrow(
    /released by audit.1/,
  )
  expect(await retention()).toEqual({ deleted: 2 })
  const log = await readLog(house.database, no)
  expect(log.slice(-2)).toMatchObject([
    {
      kind: 'hold',
      reason: '法院调取',
      actor: { name: 'inv.1', role: 'investigator' },
      data: { id, gone: 0 },
    },
    { kind: 'hold_released', reason: '已判决', actor: { name: 'audit.1', role: 'auditor' }, data: { id } },
  ])
  const { rows } = await house.database.query<{ kinds: string[] }>(
    "select payload -> 'kinds' as kinds from changes where topic = 'case' and key = $1 order by id",
    [no],
  )
  expect(rows.slice(-2).map(({ kinds }) => kinds)).toEqual([['hold'], ['hold_released']])
})

test('a hold of a voided case goes on keeping what its alert owns after another case was filed from it', async () => {
  const { no, alertId } = await oldCase()
  await commands().hold({ kind: 'case', id: no }, 'court', AUDITOR)
  await house.database.query(
    'update cases set state = \'voided\', body = body || \'{"state": "voided"}\' where no = $1',
    [no],
  )
  const next = await house.commands.file({ alertId }, STAFF.operator)
  expect(next.no).not.toBe(no)
  await closeLongAgo(next.no)
  expect(await retention()).toEqual({ deleted: 0 })
})

test('only investigators and auditors hold; what is not there cannot be held; there is a limit', async () => {
  const { no, alertId } = await oldCase()
  const owner = { kind: 'case', id: no } as const
  await expect(commands().hold(owner, 'mine', STAFF.operator)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(commands().hold({ kind: 'case', id: '2020-000009' }, 'gone', AUDITOR)).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(commands().hold({ kind: 'alert', id: randomUUID() }, 'gone', AUDITOR)).rejects.toMatchObject({
    code: 'not_found',
  })
  for (let n = 0; n < 50; n++) await commands().hold({ kind: 'alert', id: alertId }, 'many', AUDITOR)
  await expect(commands().hold({ kind: 'alert', id: alertId }, 'more', AUDITOR)).rejects.toMatchObject({
    code: 'state_conflict',
  })
})

test('a hold that waits for a deletion says what is gone (invariant 8)', async () => {
  const { no } = await oldCase()
  // Retention has its lock and has found no hold; it has not committed.
  const slow = pausing(/set tombstoned_at/)
  const deleting = retention(slow.database)
  await slow.reached
  const holding = commands().hold({ kind: 'case', id: no }, 'court', AUDITOR)
  expect(await waits(holding)).toBe(true)
  slow.goOn()
  const { gone } = await holding
  expect(gone).toBeGreaterThan(0)
  const { deleted } = await deleting
  // Whatever the hold did not count as gone is there, and stays.
  expect(2 - gone).toBe(await living())
  expect(deleted).toBe(gone)
  expect(await retention()).toEqual({ deleted: 0 })
})

test('a deletion that waits for a hold deletes nothing (invariant 8)', async () => {
  const { no } = await oldCase()
  // The hold has its locks and has counted nothing gone; it has not committed.
  const slow = pausing(/for share/)
  const holding = commands(slow.database).hold({ kind: 'case', id: no }, 'court', AUDITOR)
  await slow.reached
  const deleting = retention()
  expect(await waits(deleting)).toBe(true)
  slow.goOn()
  expect((await holding).gone).toBe(0)
  expect(await deleting).toEqual({ deleted: 0 })
  expect(await living()).toBe(2)
})

test('many holds against retention at once: what a hold did not call gone is never deleted', async () => {
  const cases = []
  for (let n = 0; n < 12; n++) cases.push(await oldCase())
  const [, , ...placed] = await Promise.all([
    retention(),
    retention(),
    ...cases.map(({ no }) => commands().hold({ kind: 'case', id: no }, 'court', AUDITOR)),
  ])
  await retention()
  for (const [index, { no, alertId }] of cases.entries()) {
    const { rowCount } = await house.database.query(
      'select 1 from evidence where owner_id in ($1, $2) and tombstoned_at is not null',
      [no, alertId],
    )
    expect(rowCount, no).toBe(placed[index]?.gone)
  }
})

/** A range that was kept four years ago, with its clip. */
async function oldRecording(caseNo: string | null = null): Promise<string> {
  const id = randomUUID()
  await house.database.query(
    `insert into kept_recordings (id, camera, from_at, to_at, reason, case_no, kept_by)
     values ($1, 'c-17', '2022-11-26T02:00:00Z', '2022-11-26T02:01:00Z', 'accident', $2, 'inv.1')`,
    [id, caseNo],
  )
  if (caseNo === null) await evidence('recording', id, 'clip')
  return id
}

test('a hold of a kept recording without a case keeps its clip until it is released, each told in the log', async () => {
  const id = await oldRecording()
  await oldRecording()
  const owner = { kind: 'recording', id } as const
  const placed = await commands().hold(owner, '交警调取', INVESTIGATOR)
  expect(placed.gone).toBe(0)
  expect(await retention()).toEqual({ deleted: 1 }) // the other one
  await commands().release(owner, placed.id, '已移交', AUDITOR)
  expect(await retention()).toEqual({ deleted: 1 })
  expect((await commands().hold(owner, 'too late', AUDITOR)).gone).toBe(1)
  const { rows } = await house.database.query<{ payload: object }>(
    "select payload from changes where topic = 'recording' and key = $1 order by id",
    [id],
  )
  const span = { camera: 'c-17', from: '2022-11-26T02:00:00.000Z', to: '2022-11-26T02:01:00.000Z' }
  expect(rows.map(({ payload }) => payload)).toMatchObject([
    {
      kind: 'held',
      actor: 'inv.1',
      role: 'investigator',
      ...span,
      hold: { id: placed.id, reason: '交警调取' },
    },
    { kind: 'hold_released', actor: 'audit.1', ...span, hold: { id: placed.id, reason: '已移交' } },
    { kind: 'held', hold: { gone: 1 } },
  ])
})

test('a recording that was kept for a case is held with the case, and says so', async () => {
  const { no } = await oldCase()
  const id = await oldRecording(no)
  await expect(commands().hold({ kind: 'recording', id }, 'court', INVESTIGATOR)).rejects.toThrow(
    `was kept for case ${no} and is held with it: hold the case`,
  )
  await expect(
    commands().hold({ kind: 'recording', id: randomUUID() }, 'court', INVESTIGATOR),
  ).rejects.toThrow(/no kept recording/)
  await expect(commands().hold({ kind: 'recording', id }, 'court', STAFF.operator)).rejects.toThrow(
    /needs the role investigator or auditor/,
  )
})
