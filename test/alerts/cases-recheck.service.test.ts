import { afterAll, beforeAll, expect, test } from 'vitest'
import { readLog } from '../../alerts/cases/store.ts'
import { readRecheck } from '../../core/case/read-recheck.ts'
import type { Database } from '../../core/ports/database.ts'
import { insertAlert, openCases, photo, STAFF, toCheck } from './cases-fixture.ts'

const { operator, lead, verifier } = STAFF
const MINUTE = 60_000
let house: Awaited<ReturnType<typeof openCases>>
beforeAll(async () => {
  house = await openCases()
})
afterAll(() => house[Symbol.asyncDispose]())

/** `works` was looked at from `from` to `to`, minutes after the report. */
async function watched(
  database: Database,
  start: number,
  from: number,
  to: number,
  more: { state?: string; unavailable?: string[] } = {},
) {
  await database.query(
    "insert into coverage (camera, worker, epoch, from_at, to_at, state, unavailable) values ('works', 'w', 1, $1, $2, $3, $4)",
    [
      new Date(start + from * MINUTE),
      new Date(start + to * MINUTE),
      more.state ?? 'online',
      more.unavailable ?? [],
    ],
  )
}

test('a camera that looked and saw nothing lets a verification pass; one that did not look, or saw it again, does not', async () => {
  const { database, commands, time } = house
  await database.query("delete from coverage where camera = 'works'")
  const start = time.now
  const alertId = await insertAlert(database)
  await database.query(
    "update alerts set state = 'resolved', started_at = $2, last_seen_at = $2, resolved_at = $2 where id = $1",
    [alertId, new Date(start - MINUTE)],
  )
  const no = await toCheck(commands, alertId)
  const facts = { alertId, reportedAt: start }
  const recheck = (minutes: number) => readRecheck(database, facts, start + minutes * MINUTE)
  const pass = { kind: 'verify', version: 4, passed: true, note: 'ok' } as const

  expect(await recheck(60)).toMatchObject({
    result: 'not_watched',
    watchedMs: 0,
    source: { kind: 'camera', id: 'works' },
  })
  // Before the report, without picture, and without the detector: none of it counts.
  await watched(database, start, -30, 5)
  await watched(database, start, 5, 40, { state: 'stalled' })
  await watched(database, start, 40, 80, { unavailable: ['plume'] })
  expect(await recheck(90)).toMatchObject({ result: 'watching', watchedMs: 5 * MINUTE })
  time.now = start + 90 * MINUTE
  await expect(commands.execute(no, pass, verifier)).rejects.toMatchObject({
    code: 'invalid',
    details: { missing: 'evidence', recheck: 'watching' },
  })

  await watched(database, start, 90, 130)
  expect(await recheck(110)).toMatchObject({ result: 'watching', watchedMs: 25 * MINUTE })
  expect(await recheck(130)).toMatchObject({ result: 'not_seen', watchedMs: 45 * MINUTE })

  // Seen again at minute 120: what was watched before it says nothing any more.
  await database.query('update alerts set last_seen_at = $2 where id = $1', [
    alertId,
    new Date(start + 120 * MINUTE),
  ])
  expect(await recheck(130)).toMatchObject({ result: 'seen', watchedMs: 10 * MINUTE })
  await database.query('update alerts set last_seen_at = $2 where id = $1', [
    alertId,
    new Date(start - MINUTE),
  ])

  time.now = start + 130 * MINUTE
  await commands.execute(no, pass, verifier)
  const entry = (await readLog(database, no)).at(-1)
  expect(entry).toMatchObject({
    kind: 'verify',
    to: 'pending_close',
    data: { basis: 'recheck', watchedMs: 45 * MINUTE },
  })
  // It adds what it saw and closes nothing.
  await expect(
    commands.execute(no, { kind: 'close', version: 5, reason: 'silent' }, { kind: 'machine', name: 'timer' }),
  ).rejects.toMatchObject({ code: 'forbidden' })
  await commands.execute(no, { kind: 'close', version: 5, reason: 'fixed' }, operator)
})

test("the officer's picture, and one from before a second report, are no proof", async () => {
  const { database, commands, time } = house
  await database.query("delete from coverage where camera = 'works'")
  const no = await toCheck(commands, await insertAlert(database))
  const pass = (version: number, ids: string[]) =>
    commands.execute(no, { kind: 'verify', version, passed: true, note: 'ok', attachments: ids }, verifier)
  time.now += MINUTE
  const same = await commands.attach(no, photo('a'), verifier) // the officer's own bytes once more
  await expect(pass(4, [same.id])).rejects.toMatchObject({ code: 'invalid' })
  const early = await commands.attach(no, photo('d'), verifier)
  await commands.execute(
    no,
    { kind: 'verify', version: 4, passed: false, note: 'no', attachments: [early.id] },
    verifier,
  )
  time.now += MINUTE
  await commands.execute(no, { kind: 'report', version: 5, note: 'again', attachments: [same.id] }, lead)
  await expect(pass(6, [early.id])).rejects.toMatchObject({ details: { unticked: false } })
  time.now += MINUTE
  const late = await commands.attach(no, photo('e'), verifier)
  await expect(pass(6, [])).rejects.toMatchObject({ details: { unticked: true } })
  expect(await pass(6, [late.id])).toMatchObject({ state: 'pending_close' })
})

test('a second extension needs its application', async () => {
  const { database, commands, time } = house
  const { no } = await commands.file({ alertId: await insertAlert(database) }, operator)
  await commands.execute(no, { kind: 'accept', version: 2 }, lead)
  const until = (days: number) => new Date(time.now + days * 24 * 60 * MINUTE).toISOString()
  await commands.execute(no, { kind: 'extend', version: 3, reason: 'rain', until: until(5) }, lead)
  await commands.execute(no, { kind: 'decide', version: 4, granted: true, reason: 'ok' }, operator)
  const second = { kind: 'extend', version: 5, reason: 'rain', until: until(9) } as const
  await expect(commands.execute(no, second, lead)).rejects.toMatchObject({
    details: { missing: 'application' },
  })
  const { id } = await commands.attach(no, photo('f'), lead)
  expect(await commands.execute(no, { ...second, attachments: [id] }, lead)).toMatchObject({
    state: 'extension_requested',
  })
})
