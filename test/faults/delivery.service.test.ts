import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { readLog } from '../../alerts/cases/store.ts'
import { createWebhookChannel } from '../../alerts/channels/webhook.ts'
import { runDelivery } from '../../alerts/delivery/run.ts'
import { cityText, insertAlert, notifications, openCases, STAFF, WHSEC } from '../alerts/cases-fixture.ts'
import { runScript } from '../support/child.ts'
import { silentLog } from '../support/log.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts'

// Invariant 5: `sending` is committed before the call; an unknown outcome is sent again with the same id.
const CHILD = new URL('./delivery-child.ts', import.meta.url).pathname
let receiver: WebhookReceiver
let folder: string
let house: Awaited<ReturnType<typeof openCases>>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-fault-'))
  const secretFile = join(folder, 'secret')
  await writeFile(secretFile, WHSEC)
  receiver = await startWebhookReceiver(WHSEC)
  // Only the lead department's channel is called: the assisting one has none.
  const text = cityText({ ecology: receiver.url, secretFile }).replace(
    /(id: market.*channels: )\[.*\]/,
    '$1[]',
  )
  house = await openCases(text)
})
afterEach(async () => {
  await house[Symbol.asyncDispose]()
  await receiver[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

describe.each([
  ['after `sending` is committed and before the call', 'before-call', 0],
  ['after the call and before its result is recorded', 'after-call', 1],
])('kill -9 %s', (_, point, arrived) => {
  test('then start: one message id, one case, one entry per step, and the doubt is counted', async () => {
    const { database, commands, metrics } = house
    const alertId = await insertAlert(database)
    const { no } = await commands.file({ alertId }, STAFF.operator)

    const child = runScript(CHILD, [database.url, point])
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' })
    expect(receiver.received).toHaveLength(arrived)
    const lead = async () => (await notifications(database, no)).find((row) => row.department === 'ecology')
    expect(await lead()).toMatchObject({ state: 'sending', attempt: 1, possible_duplicates: 0 })

    const stop = new AbortController()
    const delivery = runDelivery({
      database,
      channels: [createWebhookChannel({ clock: systemClock })],
      clock: systemClock,
      log: silentLog,
      metrics,
      signal: stop.signal,
    })
    await vi.waitFor(async () => expect(await lead()).toMatchObject({ state: 'sent' }), {
      timeout: 30_000,
      interval: 200,
    })
    stop.abort()
    await delivery

    expect(await lead()).toMatchObject({ attempt: 2, possible_duplicates: 1 })
    expect(receiver.received).toHaveLength(arrived + 1)
    expect(new Set(receiver.received.map(({ id }) => id))).toEqual(new Set([(await lead())?.message_id]))
    const attempts = await database.query(
      'select outcome from notification_attempts where notification_id = $1 order by attempt',
      [(await lead())?.id],
    )
    expect(attempts.rows).toEqual([{ outcome: 'unknown' }, { outcome: 'sent' }])
    const cases = await database.query('select no from cases where alert_id = $1', [alertId])
    expect(cases.rows).toEqual([{ no }])
    const log = await readLog(database, no)
    expect(log.map(({ kind }) => kind)).toEqual(['file', 'dispatch', 'unreachable', 'notified'])
  })
})
