import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { applyConfig, configObjects } from '../../adapters/postgres/config-store.ts'
import { createAlertCommands } from '../../alerts/alert/commands.ts'
import { type AlertRow, alertFacts } from '../../alerts/alert/row.ts'
import { readLog } from '../../alerts/cases/store.ts'
import { createWebhookChannel } from '../../alerts/channels/webhook.ts'
import { claim } from '../../alerts/delivery/claim.ts'
import { createNotificationCommands } from '../../alerts/delivery/retry.ts'
import { deliverOnce, runDelivery } from '../../alerts/delivery/run.ts'
import { parseCity } from '../../core/config/parse.ts'
import type { Channel, DeliveryOutcome } from '../../core/ports/channel.ts'
import { RETRY_TABLE } from '../../core/retry.ts'
import { recordingLog, silentLog } from '../support/log.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts'
import { cityText, insertAlert, notifications, openCases, STAFF, toCheck, WHSEC } from './cases-fixture.ts'

const { operator, lead } = STAFF
let house: Awaited<ReturnType<typeof openCases>>
let ecology: WebhookReceiver
let market: WebhookReceiver
let folder: string
let city: { ecology: string; market: string; secretFile: string }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-delivery-'))
  const secretFile = join(folder, 'secret')
  await writeFile(secretFile, `${WHSEC}\n`)
  ecology = await startWebhookReceiver(WHSEC)
  market = await startWebhookReceiver(WHSEC)
  city = { ecology: ecology.url, market: market.url, secretFile }
  house = await openCases(cityText(city))
})
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await ecology[Symbol.asyncDispose]()
  await market[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  ecology.answer = (response) => response.writeHead(204).end()
})
afterEach(async () => {
  // Nothing of one test is due in the next.
  await house.database.query(
    "update notifications set state = 'cancelled', until = null where state in ('queued', 'sending')",
  )
  ecology.received.length = 0
  market.received.length = 0
})

const webhook = createWebhookChannel({ clock: systemClock })
const deps = (channels: readonly Channel[] = [webhook]) => ({
  database: house.database,
  channels,
  clock: systemClock,
  log: silentLog,
  metrics: house.metrics,
})
const notificationCommands = () =>
  createNotificationCommands({ database: house.database, clock: house.clock, channelKinds: ['webhook'] })
/** Makes waiting rows due now, as if the wait were over. */
const dueNow = () =>
  house.database.query("update notifications set next_attempt_at = now() where state = 'queued'")

async function inAlert(id: string, work: (facts: ReturnType<typeof alertFacts>) => Promise<void>) {
  const { rows } = await house.database.query<AlertRow>('select * from alerts where id = $1', [id])
  const [row] = rows
  if (!row) throw new Error(`no alert ${id}`)
  await work(alertFacts(row))
}
const opened = (id: string) =>
  inAlert(id, (facts) => house.database.transaction((tx) => house.hooks.onTransition(tx, facts, 'opened')))
/** The real commands of alerts, with our hooks in their transaction. */
const alertCommands = () =>
  createAlertCommands({
    database: house.database,
    clock: house.clock,
    metrics: house.metrics,
    hooks: house.hooks,
  })
const reject = (id: string) => alertCommands().verdict(id, { verdict: 'rejected', reason: 'steam' }, operator)
const steps = async (group: string) =>
  (await notifications(house.database, group)).map(
    ({ step, department, state }) => `${step} ${department} ${state}`,
  )

const apply = (text: string) =>
  applyConfig(house.database, configObjects(parseCity(text, 'city.yaml')), {
    actor: 'test',
    reason: 'test',
    write: true,
  })

describe('told at once', () => {
  test('severity 1: unverified, once, also to a department that cannot be reached', async () => {
    const id = await insertAlert(house.database, { type: 'fire', severity: 1 })
    await opened(id)
    await opened(id)
    expect(await steps(id)).toEqual(['at_once ecology queued', 'at_once fire dead'])
    expect((await notifications(house.database, id))[1]?.error).toMatch(/no channel/)
    expect(house.metrics.counts.get('notifications_unreachable_total{department=fire}')).toBe(1)
    await deliverOnce(deps())
    expect(ecology.received.map(({ payload }) => [payload.type, payload.data.verified])).toEqual([
      ['alert.at_once', false],
    ])
    expect(house.sent.filter(({ queue }) => queue === 'alert-unanswered')).toHaveLength(1)
  })

  test('others wait for filing, and a suppressed or rejected alert tells nobody', async () => {
    const plume = await insertAlert(house.database)
    const rejected = await insertAlert(house.database, { type: 'fire', severity: 1, verdict: 'rejected' })
    const silenced = await insertAlert(house.database, { type: 'fire', severity: 1 })
    await house.database.query("update alerts set suppressed_by = 'maintenance' where id = $1", [silenced])
    for (const id of [plume, rejected, silenced]) {
      await opened(id)
      expect(await steps(id)).toEqual([])
    }
  })

  test('a rejection takes back what was sent, on the same thread, and cancels what was not', async () => {
    const sent = await insertAlert(house.database, { type: 'fire', severity: 1 })
    await opened(sent)
    await deliverOnce(deps())
    const unsent = await insertAlert(house.database, { type: 'fire', severity: 1 })
    await opened(unsent)
    await reject(sent)
    await reject(unsent)
    expect(await steps(sent)).toEqual(['at_once ecology sent', 'at_once fire dead', 'cancel ecology queued'])
    expect(await steps(unsent)).toEqual(['at_once ecology cancelled', 'at_once fire dead'])
    // The verdict can be undone for 10 s: nothing of it leaves before.
    expect(await deliverOnce(deps())).toBe(0)
    await dueNow()
    await deliverOnce(deps())
    const [first, cancel] = ecology.received
    expect(ecology.received).toHaveLength(2)
    expect(cancel?.payload).toMatchObject({
      type: 'alert.cancelled',
      data: { cancels: first?.id, thread: `alert:${sent}`, reason: 'steam' },
    })
    expect(cancel?.id).not.toBe(first?.id)
  })

  test('while the first message is on its way, the cancellation waits for what becomes of it', async () => {
    const id = await insertAlert(house.database, { type: 'fire', severity: 1 })
    await opened(id)
    expect(await claim(house.database, { limit: 9, callTimeoutMs: 15_000 })).toHaveLength(1)
    await reject(id)
    await dueNow()
    expect(await deliverOnce(deps())).toBe(0)
    // The worker that had it dies; nobody sends the withdrawn message again, the cancellation goes.
    await house.database.query("update notifications set until = now() where state = 'sending'")
    await deliverOnce(deps())
    expect(ecology.received.map(({ payload }) => payload.type)).toEqual(['alert.cancelled'])
    expect(await steps(id)).toEqual(['at_once ecology cancelled', 'at_once fire dead', 'cancel ecology sent'])
  })

  test('filing tells with the number, as a step of its own; a filed alert is not rejected any more', async () => {
    const id = await insertAlert(house.database, { type: 'fire', severity: 1 })
    await opened(id)
    const { no } = await house.commands.file({ alertId: id }, operator)
    await deliverOnce(deps())
    expect(ecology.received.map(({ payload }) => payload.type).sort()).toEqual([
      'alert.at_once',
      'case.filed',
    ])
    await expect(reject(id)).rejects.toMatchObject({ code: 'state_conflict', details: { no } })
    const { rows } = await house.database.query('select verdict from alerts where id = $1', [id])
    expect(rows).toEqual([{ verdict: 'confirmed' }])
    // The department without a channel is in the log of the case, not only in a metric.
    const log = await readLog(house.database, no)
    expect(log.map(({ kind }) => kind).sort()).toEqual(
      ['dispatch', 'file', 'notified', 'notified', 'unreachable'].sort(),
    )
  })

  test('acknowledging cancels reminders, never the first notification', async () => {
    const id = await insertAlert(house.database, { type: 'fire', severity: 1 })
    await opened(id)
    await house.handlers['alert-unanswered']({ alertId: id, repeat: 1 })
    expect(await steps(id)).toContain('reminder:alert:1 ecology queued')
    await alertCommands().acknowledge(id, operator)
    expect(await steps(id)).toEqual([
      'at_once ecology queued',
      'at_once fire dead',
      'reminder:alert:1 ecology cancelled',
      'reminder:alert:1 fire dead',
    ])
  })
})

describe('taken back while it is on its way', () => {
  const failing: Channel = {
    kind: 'webhook',
    deliver: async () => ({ kind: 'failed', retryable: true, code: 'http_500', error: 'x' }),
  }
  test('a reminder that fails after the acceptance is not tried again', async () => {
    const { no } = await house.commands.file({ alertId: await insertAlert(house.database) }, operator)
    await deliverOnce(deps())
    const job = { no, round: 1, clock: 'accept', action: 'reminder' } as const
    await house.handlers['case-clock'](job)
    const accepting: Channel = {
      kind: 'webhook',
      async deliver(message, signal) {
        await house.commands.execute(no, { kind: 'accept', version: 2 }, lead)
        return failing.deliver(message, signal)
      },
    }
    await deliverOnce(deps([accepting]))
    expect(await steps(no)).toEqual([
      'filed ecology sent',
      'filed market sent',
      'reminder:accept:1 ecology cancelled',
    ])
  })

  test('an unverified message that fails during the rejection is not tried again, the cancellation is sent', async () => {
    const id = await insertAlert(house.database, { type: 'fire', severity: 1 })
    await opened(id)
    const rejecting: Channel = {
      kind: 'webhook',
      async deliver(message, signal) {
        await reject(id)
        return failing.deliver(message, signal)
      },
    }
    await deliverOnce(deps([rejecting]))
    await dueNow()
    await deliverOnce(deps())
    expect(await steps(id)).toEqual(['at_once ecology cancelled', 'at_once fire dead', 'cancel ecology sent'])
  })

  test('a late fire that opened and resolved in one batch is told', async () => {
    const id = await insertAlert(house.database, { type: 'fire', severity: 1 })
    await house.database.query("update alerts set state = 'resolved', resolved_at = now() where id = $1", [
      id,
    ])
    await opened(id)
    expect((await notifications(house.database, id))[0]?.payload.data.state).toBe('resolved')
  })
})

describe('retries', () => {
  test('a failing receiver is called by the table, with one id, until the letter is dead; a person sends it again', async () => {
    const { no } = await house.commands.file({ alertId: await insertAlert(house.database) }, operator)
    let answer = 500
    ecology.answer = (response) => response.writeHead(answer).end()
    for (let attempt = 1; attempt <= RETRY_TABLE.length; attempt++) {
      expect(await deliverOnce(deps())).toBeGreaterThan(0)
      expect(ecology.received).toHaveLength(attempt)
      await dueNow()
    }
    expect(await deliverOnce(deps())).toBe(0)
    const [dead] = await notifications(house.database, no)
    expect(dead).toMatchObject({ state: 'dead', attempt: 10, error: expect.stringContaining('500') })
    expect(new Set(ecology.received.map(({ id }) => id))).toEqual(new Set([dead?.message_id]))
    const log = await readLog(house.database, no)
    expect(log.filter(({ kind }) => kind === 'notify_failed')).toHaveLength(10)

    const { retry } = notificationCommands()
    const id = dead?.id ?? ''
    await expect(retry(id, lead)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(retry('nothing', operator)).rejects.toMatchObject({ code: 'not_found' })
    await retry(id, operator)
    await expect(retry(id, operator)).rejects.toMatchObject({ code: 'state_conflict' })
    answer = 204
    await deliverOnce(deps())
    expect((await notifications(house.database, no))[0]).toMatchObject({
      state: 'sent',
      attempt: 11,
      message_id: dead?.message_id,
    })
    expect((await readLog(house.database, no)).map(({ kind }) => kind)).toContain('notify_retry')
  })

  test('no secret is in the log, in an error on screen, in the case log or in a change', async () => {
    await writeFile(city.secretFile, 'a-secret-of-the-wrong-form')
    const log = recordingLog()
    await house.commands.file({ alertId: await insertAlert(house.database) }, operator)
    await deliverOnce({ ...deps(), log })
    await writeFile(city.secretFile, WHSEC)
    expect(log.lines.join()).toContain('not delivered')
    const stored = await house.database.query(
      `select (select json_agg(n) from notifications n)::text as a, (select json_agg(f) from follow_ups f)::text as b,
              (select json_agg(c) from changes c)::text as c, (select json_agg(t) from notification_attempts t)::text as d`,
    )
    for (const text of [log.lines.join(), JSON.stringify(stored.rows)]) {
      expect(text).not.toContain('a-secret-of')
      expect(text).not.toContain(WHSEC.slice(6))
      expect(text).not.toContain(ecology.url)
    }
  })

  test('410 is dead at once; Retry-After is waited for; a timeout counts as a possible duplicate', async () => {
    const outcomes: DeliveryOutcome[] = [
      { kind: 'failed', retryable: true, code: 'timeout', error: 'x' },
      { kind: 'failed', retryable: true, code: 'http_429', error: 'x', retryAfterMs: 3_600_000 },
      { kind: 'failed', retryable: false, code: 'http_410', error: 'x' },
    ]
    const channel: Channel = {
      kind: 'webhook',
      async deliver({ target }) {
        const { url } = target as { url: string }
        const next = url === ecology.url ? outcomes.shift() : undefined
        return next ?? { kind: 'delivered', code: 'ok' }
      },
    }
    const { no } = await house.commands.file({ alertId: await insertAlert(house.database) }, operator)
    const first = async () => (await notifications(house.database, no))[0]
    await deliverOnce(deps([channel]))
    expect(await first()).toMatchObject({ state: 'queued', possible_duplicates: 1 })
    await dueNow()
    await deliverOnce(deps([channel]))
    expect(await first()).toMatchObject({ state: 'queued', possible_duplicates: 1 })
    const wait = await house.database.query<{ s: number }>(
      'select extract(epoch from next_attempt_at - now())::int as s from notifications where id = $1',
      [(await first())?.id],
    )
    expect(wait.rows[0]?.s).toBeGreaterThan(3_500)
    await dueNow()
    await deliverOnce(deps([channel]))
    expect(await first()).toMatchObject({ state: 'dead', attempt: 3 })
  })

  test('a letter without a channel goes to the channel its department has got meanwhile', async () => {
    const id = await insertAlert(house.database, { type: 'fire', severity: 1 })
    await opened(id)
    const dead = (await notifications(house.database, id)).find(({ department }) => department === 'fire')
    const { retry } = notificationCommands()
    await expect(retry(dead?.id ?? '', operator)).rejects.toMatchObject({
      ...{ code: 'state_conflict', details: { why: 'no_channel', department: 'fire' } },
    })
    expect(await steps(id)).toEqual(['at_once ecology queued', 'at_once fire dead'])
    const hook = `[{ kind: webhook, url: "${market.url}", secretFile: ${city.secretFile} }]`
    await apply(cityText(city).replace(/(id: fire, .*channels: )\[\]/, `$1${hook}`))
    await retry(dead?.id ?? '', operator)
    await deliverOnce(deps())
    expect(market.received.map(({ payload }) => payload.type)).toEqual(['alert.at_once'])
    await apply(cityText(city))
  })

  test('a letter that cannot be sent again is refused with what is the matter now', async () => {
    const withFire = (channels: string) =>
      cityText(city).replace(/(id: fire, .*channels: )\[\]/, `$1${channels}`)
    await apply(withFire('[{ kind: email, to: [duty@fire.example] }]'))
    const id = await insertAlert(house.database, { type: 'fire', severity: 1 })
    await opened(id)
    const dead = (await notifications(house.database, id)).find(({ department }) => department === 'fire')
    const refusal = () => notificationCommands().retry(dead?.id ?? '', operator)
    const because = (why: string, text: string) => ({
      ...{ code: 'state_conflict', message: expect.stringContaining(text) },
      details: { why, department: 'fire', state: 'dead' },
    })
    // There was a relay then, which did not know the recipient.
    await house.database.query(
      "update notifications set provider_code = 'smtp_550', error = 'the relay said 550' where id = $1",
      [dead?.id],
    )
    await expect(refusal()).rejects.toMatchObject(because('no_relay', 'SMTP_HOST'))
    await apply(withFire('[]'))
    await expect(refusal()).rejects.toMatchObject(because('no_channel', 'has no channel'))
    await apply(
      withFire('[]')
        .replace(/.*id: fire, .*\n/, '')
        .replace('assist: [fire]', 'assist: []'),
    )
    await expect(refusal()).rejects.toMatchObject(because('no_department', 'not configured any more'))
    await apply(cityText(city))
  })

  test('a corrected address is used by the next attempt, a removed channel is a dead letter', async () => {
    await apply(cityText({ ...city, ecology: 'http://127.0.0.1:9/wrong' }))
    const { no } = await house.commands.file({ alertId: await insertAlert(house.database) }, operator)
    await deliverOnce(deps())
    expect(await steps(no)).toContain('filed ecology queued')
    await apply(cityText(city))
    await dueNow()
    await deliverOnce(deps())
    expect(await steps(no)).toEqual(['filed ecology sent', 'filed market sent'])

    const next = await house.commands.file({ alertId: await insertAlert(house.database) }, operator)
    await apply(cityText(city).replace(/(id: ecology.*channels: )\[.*\]/, '$1[]'))
    await deliverOnce(deps())
    expect(await steps(next.no)).toEqual(['filed ecology dead', 'filed market sent'])
    await apply(cityText(city))
  })
})

describe('the loop', () => {
  test('two workers send each row once, are woken by the commit, and stop when told', async () => {
    const stop = new AbortController()
    const running = [0, 1].map(() => runDelivery({ ...deps(), signal: stop.signal, concurrency: 3 }))
    const ids = await Promise.all(Array.from({ length: 12 }, () => insertAlert(house.database)))
    for (const alertId of ids) await house.commands.file({ alertId }, operator)
    await Promise.all([ecology.waitFor(12), market.waitFor(12)])
    stop.abort()
    await Promise.all(running)
    for (const { received } of [ecology, market]) {
      expect(received).toHaveLength(12)
      expect(new Set(received.map(({ id }) => id)).size).toBe(12)
    }
    const open = await house.database.query(
      "select 1 from notifications where state in ('queued', 'sending')",
    )
    expect(open.rowCount).toBe(0)
  })

  test('many claims at once never hand out one row twice', async () => {
    for (let i = 0; i < 6; i++)
      await house.commands.file({ alertId: await insertAlert(house.database) }, operator)
    const claims = await Promise.all(
      Array.from({ length: 8 }, () => claim(house.database, { limit: 3, callTimeoutMs: 15_000 })),
    )
    const claimed = claims.flat().map(({ id }) => id)
    expect(claimed).toHaveLength(12)
    expect(new Set(claimed).size).toBe(12)
  })

  test('a channel that hears no signal cannot hold a row longer than its call time-out', async () => {
    const deaf: Channel = { kind: 'webhook', deliver: () => new Promise(() => {}) }
    const { no } = await house.commands.file({ alertId: await insertAlert(house.database) }, operator)
    await deliverOnce({ ...deps([deaf]), callTimeoutMs: 50 })
    expect(await steps(no)).toEqual(['filed ecology queued', 'filed market queued'])
  })
})

describe('deadlines', () => {
  const warnings = async (no: string) =>
    (await readLog(house.database, no)).filter(({ kind }) => kind === 'reminder' || kind === 'overdue')

  test('a reminder and an overdue mark, each once; accepting cancels what is queued of them', async () => {
    const { no } = await house.commands.file({ alertId: await insertAlert(house.database) }, operator)
    const job = { no, round: 1, clock: 'accept' } as const
    for (let i = 0; i < 2; i++) await house.handlers['case-clock']({ ...job, action: 'reminder' })
    await house.handlers['case-clock']({ ...job, action: 'overdue' })
    expect((await warnings(no)).map(({ kind, actor }) => `${kind} ${actor.name}`)).toEqual([
      'reminder timer',
      'overdue timer',
    ])
    await house.commands.execute(no, { kind: 'accept', version: 2 }, lead)
    expect(await steps(no)).toEqual([
      'filed ecology queued',
      'filed market queued',
      'reminder:accept:1 ecology cancelled',
      'overdue:accept:1 ecology cancelled',
    ])
    // The clock of acceptance has stopped: its late job does nothing.
    await house.handlers['case-clock']({ ...job, action: 'overdue' })
    expect(await warnings(no)).toHaveLength(2)
  })

  test('an overdue check is marked and tells no department', async () => {
    const no = await toCheck(house.commands, await insertAlert(house.database))
    await house.handlers['case-clock']({ no, round: 3, clock: 'check', action: 'overdue' })
    expect(await warnings(no)).toHaveLength(1)
    expect(await steps(no)).toHaveLength(2)
  })

  test('a parked case is taken up at its review date, unless a person did', async () => {
    const { no } = await house.commands.file({ alertId: await insertAlert(house.database) }, operator)
    await house.commands.execute(no, { kind: 'accept', version: 2 }, lead)
    const until = new Date(house.time.now + 86_400_000).toISOString()
    const park = { kind: 'suspend', version: 3, reason: 'winter', until } as const
    await house.commands.execute(no, park, operator)
    expect(house.sent.at(-1)).toMatchObject({ data: { no, clock: 'review', round: 3, action: 'review' } })
    const review = { no, round: 3, clock: 'review', action: 'review' } as const
    await house.handlers['case-clock'](review)
    await house.handlers['case-clock'](review)
    const log = await readLog(house.database, no)
    expect(log.filter(({ kind }) => kind === 'resume').map(({ actor }) => actor)).toEqual([
      { kind: 'machine', name: 'timer', role: null },
    ])
  })

  test('a resolved alert is an entry in the log and moves nothing', async () => {
    const id = await insertAlert(house.database)
    const { no } = await house.commands.file({ alertId: id }, operator)
    await inAlert(id, (facts) =>
      house.database.transaction((tx) => house.hooks.onTransition(tx, facts, 'resolved')),
    )
    const log = await readLog(house.database, no)
    expect(log.at(-1)).toMatchObject({ kind: 'alert_resolved', data: { alertId: id } })
    const { rows } = await house.database.query('select state, version from cases where no = $1', [no])
    expect(rows).toEqual([{ state: 'pending_accept', version: 2 }])
  })
})
