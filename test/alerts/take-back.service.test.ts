import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createAlertCommands } from '../../alerts/alert/commands.ts'
import { type AlertRow, alertFacts } from '../../alerts/alert/row.ts'
import { createWebhookChannel } from '../../alerts/channels/webhook.ts'
import { claim } from '../../alerts/delivery/claim.ts'
import { deliverOnce } from '../../alerts/delivery/run.ts'
import { UNDO_MS } from '../../core/alert.ts'
import { person } from '../core/case-fixture.ts'
import { silentLog } from '../support/log.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts'
import { cityText, insertAlert, notifications, openCases, STAFF, WHSEC } from './cases-fixture.ts'

const { operator } = STAFF
const colleague = person('centre.second', ['operator'])
let house: Awaited<ReturnType<typeof openCases>>
let ecology: WebhookReceiver
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-take-back-'))
  const secretFile = join(folder, 'secret')
  await writeFile(secretFile, `${WHSEC}\n`)
  ecology = await startWebhookReceiver(WHSEC)
  house = await openCases(cityText({ ecology: ecology.url, secretFile }))
})
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await ecology[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
afterEach(async () => {
  await house.database.query(
    "update notifications set state = 'cancelled', until = null where state in ('queued', 'sending')",
  )
  ecology.received.length = 0
})

const commands = () => createAlertCommands({ ...house, hooks: house.hooks })
const send = () =>
  deliverOnce({
    database: house.database,
    channels: [createWebhookChannel({ clock: systemClock })],
    clock: systemClock,
    log: silentLog,
    metrics: house.metrics,
  })
/** As if the wait of what is queued were over. */
const sendWaiting = async () => {
  await house.database.query("update notifications set next_attempt_at = now() where state = 'queued'")
  return send()
}
const row = async (id: string) => {
  const { rows } = await house.database.query<AlertRow>('select * from alerts where id = $1', [id])
  if (!rows[0]) throw new Error(`no alert ${id}`)
  return rows[0]
}
const transition = async (id: string, word: 'opened' | 'fired') => {
  const facts = alertFacts(await row(id))
  await house.database.transaction((tx) => house.hooks.onTransition(tx, facts, word))
}
/** A fire that its department was told of. */
const toldFire = async () => {
  const id = await insertAlert(house.database, { type: 'fire', severity: 1 })
  await transition(id, 'opened')
  await send()
  return id
}
const reject = (id: string, actor = operator) =>
  commands().verdict(id, { verdict: 'rejected', reason: 'steam' }, actor)
const steps = async (id: string) =>
  (await notifications(house.database, id))
    .filter(({ department }) => department === 'ecology')
    .map(({ step, state }) => `${step} ${state}`)
const types = () => ecology.received.map(({ payload }) => payload.type)
const changesOf = async (id: string) =>
  (
    await house.database.query<{ kind: string }>(
      "select payload ->> 'kind' as kind from changes where topic = 'alert' and key = $1 order by id",
      [id],
    )
  ).rows.map(({ kind }) => kind)

describe('undo within ten seconds', () => {
  test('nothing leaves, the alert is to be verified again, and a second rejection is sent', async () => {
    const id = await toldFire()
    await reject(id)
    expect(await send()).toBe(0)
    house.time.now += UNDO_MS
    await commands().undoVerdict(id, operator)
    expect(await row(id)).toMatchObject({ verdict: null, verdict_by: null, verdict_at: null })
    expect(await sendWaiting()).toBe(0)
    expect(types()).toEqual(['alert.at_once'])
    expect(await changesOf(id)).toEqual(['verdict', 'verdict_undone'])

    await reject(id)
    await sendWaiting()
    expect(types()).toEqual(['alert.at_once', 'alert.cancelled'])
    expect(await steps(id)).toEqual(['at_once sent', 'cancel cancelled', 'cancel:2 sent'])
  })

  test('what the rejection had cancelled before it left is sent after all', async () => {
    const id = await insertAlert(house.database, { type: 'fire', severity: 1 })
    await transition(id, 'opened')
    await reject(id)
    expect(await steps(id)).toEqual(['at_once cancelled'])
    await commands().undoVerdict(id, operator)
    await send()
    expect(types()).toEqual(['alert.at_once'])
  })

  test('a fire that began to burn while it was held to be none is told', async () => {
    const id = await insertAlert(house.database, { type: 'fire', severity: 1 })
    await reject(id)
    await transition(id, 'fired')
    expect(await steps(id)).toEqual([])
    await commands().undoVerdict(id, operator)
    expect(await steps(id)).toEqual(['at_once queued'])
  })

  test('reminders that a confirmation had ended come back', async () => {
    const id = await toldFire()
    await house.handlers['alert-unanswered']({ alertId: id, repeat: 1 })
    await commands().verdict(id, { verdict: 'confirmed' }, operator)
    expect(await steps(id)).toContain('reminder:alert:1 cancelled')
    await commands().undoVerdict(id, operator)
    expect(await steps(id)).toContain('reminder:alert:1 queued')
  })

  test('refused: later, by another, twice, while it is being sent, after filing, without the right', async () => {
    const late = await toldFire()
    await reject(late)
    house.time.now += UNDO_MS + 1
    const refusal = (why: string) => ({ code: 'state_conflict', details: { why } })
    await expect(commands().undoVerdict(late, operator)).rejects.toMatchObject(refusal('late'))
    await expect(commands().undoVerdict(late, colleague)).rejects.toMatchObject(refusal('other'))
    expect(await row(late)).toMatchObject({ verdict: 'rejected' })

    const leaving = await toldFire()
    await reject(leaving)
    await house.database.query("update notifications set next_attempt_at = now() where step = 'cancel'")
    expect((await claim(house.database, { limit: 9, callTimeoutMs: 15_000 })).length).toBeGreaterThan(0)
    await expect(commands().undoVerdict(leaving, operator)).rejects.toMatchObject(refusal('left'))
    expect(await row(leaving)).toMatchObject({ verdict: 'rejected' })

    const none = await insertAlert(house.database)
    await expect(commands().undoVerdict(none, operator)).rejects.toMatchObject(refusal('none'))
    const { no } = await house.commands.file({ alertId: none }, operator)
    await expect(commands().undoVerdict(none, operator)).rejects.toMatchObject({
      code: 'state_conflict',
      details: { why: 'filed', no },
    })
    await expect(commands().undoVerdict(late, STAFF.lead)).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('an undo and a colleague in the same moment: one after the other, never both lost', async () => {
    for (let round = 0; round < 8; round++) {
      const id = await toldFire()
      await reject(id)
      await Promise.allSettled([
        commands().undoVerdict(id, operator),
        commands().verdict(id, { verdict: 'confirmed' }, colleague),
      ])
      const { verdict } = await row(id)
      // Whoever came second met what the first had done: undone and then judged, or refused and then undone.
      expect([null, 'confirmed']).toContain(verdict)
      const { rows } = await house.database.query<{ open: string }>(
        'select count(*) filter (where ended is null) as open from verdicts where alert_id = $1',
        [id],
      )
      expect(rows[0]?.open).toBe(verdict === null ? '0' : '1')
    }
  })
})

describe('withdrawn later, with a reason', () => {
  test('who got the cancellation gets a correction on the same thread; and again in another round', async () => {
    const id = await toldFire()
    await reject(id)
    await sendWaiting()
    house.time.now += 3_600_000
    await expect(commands().withdrawVerdict(id, {}, colleague)).rejects.toMatchObject({ code: 'invalid' })
    await commands().withdrawVerdict(id, { reason: '火又起' }, colleague)
    await send()
    expect(types()).toEqual(['alert.at_once', 'alert.cancelled', 'alert.corrected'])
    expect(ecology.received[2]?.payload.data).toMatchObject({
      thread: `alert:${id}`,
      corrects: ecology.received[1]?.id,
      reason: '火又起',
    })
    await reject(id)
    await sendWaiting()
    await commands().withdrawVerdict(id, { reason: '再次' }, operator)
    await send()
    expect(await steps(id)).toEqual([
      'at_once sent',
      'cancel sent',
      'correct:1 sent',
      'cancel:2 sent',
      'correct:2 sent',
    ])
    expect(new Set(ecology.received.map((each) => each.id)).size).toBe(5)
  })

  test('where nothing was sent nothing is corrected', async () => {
    const id = await insertAlert(house.database)
    await reject(id)
    await commands().withdrawVerdict(id, { reason: 'wrong alert' }, operator)
    expect(await steps(id)).toEqual([])
    expect(await row(id)).toMatchObject({ verdict: null })
    const { rows } = await house.database.query(
      'select n, verdict, by, ended, ended_by, ended_reason from verdicts where alert_id = $1',
      [id],
    )
    expect(rows).toEqual([
      {
        n: 1,
        verdict: 'rejected',
        by: operator.name,
        ended: 'withdrawn',
        ended_by: operator.name,
        ended_reason: 'wrong alert',
      },
    ])
  })

  test('one’s own rejection turned into a confirmation is corrected too', async () => {
    const id = await toldFire()
    await reject(id)
    await sendWaiting()
    await commands().verdict(id, { verdict: 'confirmed' }, operator)
    await send()
    expect(types()).toEqual(['alert.at_once', 'alert.cancelled', 'alert.corrected'])
    expect(ecology.received[2]?.payload.data.verified).toBe(true)
  })
})

describe('muted until', () => {
  const until = () => house.time.now + 3_600_000
  test('it is a job of its own and ends by itself, once, with a change', async () => {
    const id = await insertAlert(house.database)
    await expect(commands().mute(id, { until: until(), reason: ' ' }, operator)).rejects.toMatchObject({
      code: 'invalid',
    })
    for (const wrong of [house.time.now, house.time.now + 86_400_001]) {
      await expect(commands().mute(id, { until: wrong, reason: 'x' }, operator)).rejects.toMatchObject({
        code: 'invalid',
      })
    }
    const end = until()
    await commands().mute(id, { until: end, reason: '等待洒水车' }, operator)
    expect(house.sent.at(-1)).toEqual({ queue: 'alert-mute-ended', data: { alertId: id }, at: end })
    await house.handlers['alert-mute-ended']({ alertId: id })
    expect(await row(id)).toMatchObject({ muted_by: operator.name, muted_reason: '等待洒水车' })
    house.time.now = end
    await house.handlers['alert-mute-ended']({ alertId: id })
    await house.handlers['alert-mute-ended']({ alertId: id })
    expect(await row(id)).toMatchObject({ muted_until: null, mute_count: 1 })
    expect(await changesOf(id)).toEqual(['muted', 'mute_ended'])
  })

  test('a verdict ends it, and what is judged is not muted', async () => {
    const id = await insertAlert(house.database)
    await commands().mute(id, { until: until(), reason: 'x' }, operator)
    await commands().verdict(id, { verdict: 'confirmed' }, operator)
    expect(await row(id)).toMatchObject({ muted_until: null })
    await expect(commands().mute(id, { until: until(), reason: 'x' }, operator)).rejects.toMatchObject({
      code: 'state_conflict',
    })
  })
})
