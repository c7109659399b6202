import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createAlertCommands } from '../../alerts/alert/commands.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import type { Actor } from '../../core/actor.ts'
import type { AlertCommands } from '../../core/ports/commands.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let alertId: string
const event = hazardEvent()
beforeAll(async () => {
  database = await createTestDatabase()
  commands = makeCommands()
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  await database.query(
    'truncate inbox, events, event_state, alerts, changes, picture_requests, holds cascade',
  )
  await inbox().receive([hazardMessage(event, { kind: 'start', seq: 1 })])
  alertId = (await database.query<{ id: string }>('select id from alerts')).rows[0]?.id ?? ''
})

const metrics = recordingMetrics()
const inbox = () => createInbox({ database, clock: systemClock, log: silentLog, metrics })
const person = (name: string, role: 'operator' | 'officer' | 'admin' = 'operator'): Actor => ({
  kind: 'person',
  name,
  roles: [role],
  department: null,
})
const li = person('li')
const wang = person('wang')
const calls: string[] = []
let commands: AlertCommands
const makeCommands = () =>
  createAlertCommands({
    database,
    clock: systemClock,
    metrics,
    hooks: {
      async onVerdict(tx, alert, { verdict, reason, actor }) {
        calls.push(`${verdict} ${reason} ${actor.name} ${alert.id === alertId}`)
        await tx.query(
          "insert into holds (id, owner_kind, owner_id, author, reason) values ($1, 'alert', $2, 'h', $3)",
          [crypto.randomUUID(), alert.id, verdict],
        )
        return []
      },
      async onAcknowledged(_, alert, actor) {
        calls.push(`acknowledged ${actor.name} ${alert.id === alertId}`)
      },
    },
  })
beforeEach(() => void calls.splice(0))
const alert = async () => (await database.query('select * from alerts')).rows[0]
const kinds = async () =>
  (
    await database.query<{ kind: string; actor: string | null }>(
      "select payload ->> 'kind' as kind, payload ->> 'actor' as actor from changes order by id",
    )
  ).rows.map((row) => (row.actor ? `${row.kind} ${row.actor}` : row.kind))

describe('acknowledge', () => {
  test('the first one stands, a second changes nothing', async () => {
    await commands.acknowledge(alertId, li)
    await commands.acknowledge(alertId, wang)
    expect(await alert()).toMatchObject({ acknowledged_by: 'li', version: 2, state: 'firing' })
    expect(await kinds()).toEqual(['opened', 'acknowledged li'])
    expect(calls).toEqual(['acknowledged li true'])
  })

  test('is for operators', async () => {
    for (const actor of [person('zhang', 'officer'), { kind: 'machine', name: 'timer' } as const])
      await expect(commands.acknowledge(alertId, actor)).rejects.toMatchObject({
        code: 'forbidden',
        status: 403,
      })
  })

  test('an unknown alert is 404, whatever its id looks like', async () => {
    for (const id of [crypto.randomUUID(), 'no-uuid', "'; drop table alerts"])
      await expect(commands.acknowledge(id, li)).rejects.toMatchObject({ code: 'not_found', status: 404 })
  })
})

describe('verdict', () => {
  test('a rejection has a reason; the machine state stays', async () => {
    await commands.verdict(alertId, { verdict: 'rejected', reason: ' wrong_object ', note: 'a shadow' }, li)
    expect(await alert()).toMatchObject({
      state: 'firing',
      verdict: 'rejected',
      verdict_reason: 'wrong_object',
      verdict_note: 'a shadow',
      verdict_by: 'li',
      version: 2,
    })
    expect(calls).toEqual(['rejected wrong_object li true'])
    expect(await kinds()).toEqual(['opened', 'verdict li'])
  })

  test.each([
    ['no reason', { verdict: 'rejected' as const }, /reason/],
    ['a blank reason', { verdict: 'rejected' as const, reason: '  ' }, /reason/],
    ['a NUL', { verdict: 'confirmed' as const, note: 'a\0b' }, /note: has a NUL/],
    ['a long reason', { verdict: 'rejected' as const, reason: 'x'.repeat(201) }, /at most 200/],
  ])('%s is refused and nothing is written', async (_, input, text) => {
    const refused = commands.verdict(alertId, input, li)
    await expect(refused).rejects.toMatchObject({ code: 'invalid', status: 422 })
    await expect(refused).rejects.toThrow(text)
    expect(await alert()).toMatchObject({ verdict: null, version: 1 })
    expect(calls).toEqual([])
  })

  test('rights come first, then existence, then the colleague, then content', async () => {
    const empty = { verdict: 'rejected' as const }
    await expect(commands.verdict('none', empty, person('x', 'admin'))).rejects.toMatchObject({ status: 403 })
    await expect(commands.verdict('none', empty, li)).rejects.toMatchObject({ status: 404 })
    await commands.verdict(alertId, { verdict: 'confirmed' }, wang)
    const late = commands.verdict(alertId, empty, li)
    await expect(late).rejects.toMatchObject({
      code: 'state_conflict',
      status: 409,
      details: { verdict: 'confirmed', by: 'wang', at: expect.stringMatching(/Z$/) },
    })
    await expect(commands.verdict(alertId, empty, wang)).rejects.toMatchObject({ status: 422 })
  })

  test('the same verdict again changes nothing, whoever says it', async () => {
    await commands.verdict(alertId, { verdict: 'confirmed' }, li)
    await commands.verdict(alertId, { verdict: 'confirmed' }, li)
    await commands.verdict(alertId, { verdict: 'confirmed', note: 'I agree' }, wang)
    expect(await alert()).toMatchObject({ verdict_by: 'li', verdict_note: null, version: 2 })
    expect(calls).toHaveLength(1)
  })

  test('a person corrects their own verdict', async () => {
    await commands.verdict(alertId, { verdict: 'confirmed' }, li)
    await commands.verdict(alertId, { verdict: 'rejected', reason: 'permitted_work' }, li)
    expect(await alert()).toMatchObject({ verdict: 'rejected', version: 3 })
    expect(calls).toHaveLength(2)
  })

  test('two people at once: one verdict stands, the other is told', async () => {
    const results = await Promise.allSettled([
      commands.verdict(alertId, { verdict: 'confirmed' }, li),
      commands.verdict(alertId, { verdict: 'rejected', reason: 'duplicate' }, wang),
    ])
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(calls).toHaveLength(1)
    expect(await alert()).toMatchObject({ version: 2 })
  })

  test('a hook that fails takes the verdict back with it', async () => {
    const broken = createAlertCommands({
      database,
      clock: systemClock,
      metrics,
      hooks: { onVerdict: () => Promise.reject(new Error('no')) },
    })
    await expect(broken.verdict(alertId, { verdict: 'confirmed' }, li)).rejects.toThrow('no')
    expect(await alert()).toMatchObject({ verdict: null })
    expect(await kinds()).toEqual(['opened'])
  })

  test('messages that arrive meanwhile do not undo it', async () => {
    await Promise.all([
      commands.verdict(alertId, { verdict: 'confirmed' }, li),
      ...Array.from({ length: 10 }, (_, n) =>
        inbox().receive([hazardMessage(event, { kind: n === 9 ? 'end' : 'update', seq: n + 2 })]),
      ),
    ])
    expect(await alert()).toMatchObject({ verdict: 'confirmed', verdict_by: 'li', state: 'resolved' })
  })
})
