import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createOtlpTracer } from '../../adapters/traces.ts'
import { createDirectTransport } from '../../adapters/transport/direct.ts'
import { deliverOnce } from '../../alerts/delivery/run.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import type { Channel } from '../../core/ports/channel.ts'
import { drainOnce } from '../../ingest/spool/drain.ts'
import { createOpenEvents } from '../../ingest/spool/open-events.ts'
import { openSpool } from '../../ingest/spool/spool.ts'
import { openCases } from '../alerts/cases-fixture.ts'
import { hazardEvent } from '../support/events.ts'
import { recordingLog, recordingMetrics, silentLog } from '../support/log.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { tempFolder } from '../support/temp-folder.ts'

let house: Awaited<ReturnType<typeof openCases>>
beforeAll(async () => {
  house = await openCases()
})
afterAll(() => house[Symbol.asyncDispose]())

test('one hazard is one trace: spool, alert and notification under the id of the event', async () => {
  await using receiver = await startOtlpReceiver()
  await using folder = await tempFolder()
  const metrics = recordingMetrics()
  const log = recordingLog()
  await using tracer = createOtlpTracer({
    url: receiver.url,
    part: 'start',
    instance: 'one',
    version: '1',
    log: silentLog,
    metrics,
  })
  const deps = { clock: systemClock, log, metrics, tracer }
  const { database, hooks } = house
  const spool = await openSpool({ folder: folder.path, ...deps, limits: { ballastBytes: 4_096 } })
  const events = await createOpenEvents({ ...deps, spool, worker: 'w' })
  const inbox = createInbox({ ...deps, database, onTransition: hooks.onTransition })
  const transport = createDirectTransport({ 'hazard.events.v1': inbox })
  const startedAt = Date.now()
  const fire = hazardEvent({
    source: { kind: 'camera', id: 'works' },
    type: 'fire',
    severity: 1,
    since: startedAt,
    startedAt,
    lastSeenAt: startedAt,
  })
  await events.publish({ kind: 'start', event: fire }, 1)
  await events.publish({ kind: 'update', event: fire }, 1)
  while ((await drainOnce({ ...deps, spool, transport })) > 0);
  const channel: Channel = { kind: 'webhook', deliver: async () => ({ kind: 'delivered', code: 'http_200' }) }
  await deliverOnce({ ...deps, database, channels: [channel] })
  await spool[Symbol.asyncDispose]()
  await tracer.flush()

  const trace = fire.id.replaceAll('-', '')
  const own = receiver.spans.filter((span) => span.traceId === trace)
  expect(own.map(({ name }) => name).sort()).toEqual(['alert opened', 'notification', 'spool'])
  const alerts = await database.query<{ id: string }>('select id from alerts where event_id = $1', [fire.id])
  expect(own.find(({ name }) => name === 'notification')?.facts).toMatchObject({
    alert: alerts.rows[0]?.id,
    event: fire.id,
    code: 'http_200',
  })
  for (const name of ['spool send', 'inbox batch'])
    expect(receiver.spans.find((span) => span.name === name)?.links).toEqual([trace])

  // The log says the same names in every line about it.
  const about = log.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  for (const message of ['alert opened', 'notification delivered'])
    expect(about.find((line) => line.message === message)).toMatchObject({
      event: fire.id,
      alert: alerts.rows[0]?.id,
    })
})
