import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createKafkaTransport } from '../../adapters/kafka/transport.ts'
import { createDirectTransport } from '../../adapters/transport/direct.ts'
import { createSwitchingTransport } from '../../adapters/transport/switching.ts'
import type { EventTransport } from '../../core/ports/messages.ts'
import { runDrain } from '../../ingest/spool/drain.ts'
import { openSpool, type Spool } from '../../ingest/spool/spool.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { KAFKA_TEST_MS, kafkaMissing } from '../support/kafka.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { waitUntil } from '../support/wait-until.ts'
import { type BusFixture, openBus } from './kafka-fixture.ts'

const WAIT_MS = 120_000

describe.skipIf(kafkaMissing())('a worker and its broker', { timeout: KAFKA_TEST_MS }, () => {
  let bus: BusFixture
  beforeAll(async () => {
    bus = await openBus()
  })
  afterAll(() => bus[Symbol.asyncDispose]())

  /** A worker's spool that is drained into a transport. */
  async function worker(transport: EventTransport) {
    const folder = await tempFolder()
    const common = { clock: systemClock, log: silentLog, metrics: recordingMetrics() }
    const spool = await openSpool({ folder: folder.path, ...common, limits: { ballastBytes: 4_096 } })
    const stopping = new AbortController()
    const drained = runDrain({ spool, transport, ...common, signal: stopping.signal, batch: 20 })
    return {
      spool,
      metrics: common.metrics,
      async [Symbol.asyncDispose]() {
        stopping.abort()
        await drained
        await spool[Symbol.asyncDispose]()
        await folder[Symbol.asyncDispose]()
      },
    }
  }

  /** Starts and ends of events of many cameras, some dozens a second, until told to stop. */
  function keepSending(spool: Spool, prefix: string) {
    let isOver = false
    let events = 0
    const done = (async () => {
      while (!isOver) {
        const event = hazardEvent({ source: { kind: 'camera', id: `${prefix}-${events}` } })
        events += 1
        await spool.append(hazardMessage(event, { kind: 'start', seq: 1 }))
        await spool.append(hazardMessage(event, { kind: 'end', seq: 2 }))
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
    })()
    return {
      count: () => events,
      async stop() {
        isOver = true
        await done
        return events
      },
    }
  }

  const arrived = async (prefix: string): Promise<number> => {
    const { rows } = await bus.database.query<{ n: number }>(
      'select count(*)::int as n from inbox where source like $1',
      [`/cameras/${prefix}-%`],
    )
    return rows[0]?.n ?? 0
  }
  const arrives = async (prefix: string, count: number) => {
    const deadline = performance.now() + WAIT_MS
    while ((await arrived(prefix)) < count) {
      if (performance.now() > deadline)
        throw new Error(`${await arrived(prefix)} of ${count} messages within ${WAIT_MS} ms`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  /** Every event once, ended; every alert opened once and resolved. */
  const expectOnce = async (prefix: string, events: number) => {
    await arrives(prefix, events * 2)
    expect(await arrived(prefix)).toBe(events * 2)
    const like = [`${prefix}-%`]
    const states = 'select ended, count(*)::int as n from event_state where source_id like $1 group by 1'
    expect((await bus.database.query(states, like)).rows).toEqual([{ ended: true, n: events }])
    const alerts =
      'select state, occurrences, count(*)::int as n from alerts where source_id like $1 group by 1, 2'
    expect((await bus.database.query(alerts, like)).rows).toEqual([
      { state: 'resolved', occurrences: 1, n: events },
    ])
  }

  test('the broker frozen, killed and started again while events are sent: each is in the database once', async () => {
    const { broker } = bus.kafka
    const reader = bus.read()
    await reader.reading()
    await using sender = await worker(createKafkaTransport(bus.producer))
    const sending = keepSending(sender.spool, 'plain')
    const failures = () => sender.metrics.counts.get('spool_send_failures_total{what=events}') ?? 0
    await arrives('plain', 100)
    broker.pause()
    await waitUntil('the freeze is felt', () => failures() > 0, WAIT_MS)
    broker.resume()
    const afterFreeze = sending.count()
    await arrives('plain', 2 * afterFreeze)
    const beforeKill = failures()
    await broker.kill()
    await waitUntil('the kill is felt', () => failures() > beforeKill, WAIT_MS)
    await broker.restart()
    const afterKill = sending.count()
    await arrives('plain', 2 * afterKill)
    await expectOnce('plain', await sending.stop())
    expect(sender.spool.facts.records).toBe(0)
    await reader.stop()
  })

  test('spool → direct → Kafka: nothing is lost or doubled, and the state says which way', async () => {
    const { broker } = bus.kafka
    const reader = bus.read()
    await reader.reading()
    const metrics = recordingMetrics()
    await using transport = createSwitchingTransport({
      kafka: createKafkaTransport(bus.producer),
      direct: createDirectTransport(bus.receivers),
      ...{ clock: systemClock, log: silentLog, metrics, awayMs: 2_000, probeMs: 500 },
    })
    await using sender = await worker(transport)
    const sending = keepSending(sender.spool, 'switched')
    await arrives('switched', 100)
    expect(transport.state()).toMatchObject({ way: 'kafka', error: null })

    await broker.kill()
    await waitUntil('it goes directly', () => transport.state().way === 'direct', WAIT_MS)
    expect(transport.state().error).toMatch(/Kafka at 127\.0\.0\.1:\d+: /)
    // Everything of before the switch, and of after it, while no broker runs.
    await arrives('switched', 2 * sending.count() + 50)
    expect(broker.pid).toBeNull()

    await broker.restart()
    await waitUntil('it goes through Kafka again', () => transport.state().way === 'kafka', WAIT_MS)
    const sent = () => metrics.counts.get('transport_sent_total{way=kafka}') ?? 0
    const before = sent()
    await waitUntil('Kafka takes messages again', () => sent() > before, WAIT_MS)
    await expectOnce('switched', await sending.stop())
    expect(transport.state()).toMatchObject({ way: 'kafka', error: null })
    expect(metrics.counts.get('transport_switches_total{to=direct}')).toBe(1)
    await reader.stop()
  })
})
