import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createMetrics } from '../../adapters/metrics.ts'
import { deliverOnce } from '../../alerts/delivery/run.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import type { Channel } from '../../core/ports/channel.ts'
import { openCases } from '../alerts/cases-fixture.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { recordingLog } from '../support/log.ts'

let house: Awaited<ReturnType<typeof openCases>>
beforeAll(async () => {
  house = await openCases()
})
afterAll(() => house[Symbol.asyncDispose]())

/** The value of one line of what is scraped. */
const value = (text: string, line: string): number | null => {
  const found = text.split('\n').find((each) => each.startsWith(`sharp_eyes_${line} `))
  return found === undefined ? null : Number(found.split(' ').at(-1))
}

test('the way from the picture to the alert to the first notification is measured once', async () => {
  const { database, hooks } = house
  const metrics = createMetrics()
  const log = recordingLog()
  const deps = { database, clock: systemClock, log, metrics }
  const inbox = createInbox({ ...deps, onTransition: hooks.onTransition })
  const startedAt = Date.now() - 4_000
  const fire = hazardEvent({
    source: { kind: 'camera', id: 'works' },
    type: 'fire',
    severity: 1,
    since: startedAt,
    startedAt,
  })
  await inbox.receive([hazardMessage(fire, { kind: 'start', seq: 1, at: 0 })])
  await inbox.receive([hazardMessage(fire, { kind: 'update', seq: 2, at: 1_000 })])
  // A film's clock is no measure.
  const film = { ...hazardEvent({ zone: 'film' }), clock: { kind: 'media' as const, errorMs: 0 } }
  await inbox.receive([hazardMessage(film, { kind: 'start', seq: 1 })])
  const channel: Channel = { kind: 'webhook', deliver: async () => ({ kind: 'delivered', code: 'http_200' }) }
  await deliverOnce({ ...deps, channels: [channel] })
  const text = await metrics.text()
  expect(value(text, 'capture_to_alert_seconds_count{source="camera"}')).toBe(1)
  expect(value(text, 'capture_to_alert_seconds_sum{source="camera"}')).toBeGreaterThan(3.9)
  expect(value(text, 'alert_to_notification_seconds_count{channel="webhook"}')).toBe(1)
  expect(value(text, 'notification_wait_seconds_count{channel="webhook"}')).toBe(1)
  expect(value(text, 'alerts_opened_total{type="fire",severity="1"}')).toBe(1)

  // What is sent later about the same alert is not the first word of it.
  await inbox.receive([hazardMessage(fire, { kind: 'end', seq: 3 })])
  await database.query("update notifications set state = 'queued', until = null where state = 'sent'")
  await database.query(
    `insert into notifications (id, message_id, group_kind, group_id, step, department, channel, recipient, state, payload)
     select gen_random_uuid(), 'msg_2', group_kind, group_id, 'reminder:1', department, channel, recipient, 'sent', payload
       from notifications where state = 'queued' limit 1`,
  )
  await deliverOnce({ ...deps, channels: [channel] })
  const later = await metrics.text()
  expect(value(later, 'notification_wait_seconds_count{channel="webhook"}')).toBe(2)
  expect(value(later, 'alert_to_notification_seconds_count{channel="webhook"}')).toBe(1)

  const opened = log.lines.find((line) => line.includes('"alert opened"'))
  expect(opened).toContain(fire.id)
})
