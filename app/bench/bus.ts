import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createBusConsumer } from '../../adapters/kafka/consumer.ts'
import { createBusProducer } from '../../adapters/kafka/producer.ts'
import type { KafkaSettings } from '../../adapters/kafka/settings.ts'
import { migrateTopics } from '../../adapters/kafka/topics.ts'
import { createKafkaTransport } from '../../adapters/kafka/transport.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import type { HazardMessage } from '../../core/event.ts'
import type { MessageReceiver } from '../../core/ports/messages.ts'
import { startKafka } from '../../deploy/kafka/broker.ts'
import { KAFKA_VERSION } from '../../deploy/kafka/fetch.ts'
import { runDrain } from '../../ingest/spool/drain.ts'
import type { Tools } from '../tools.ts'
import { readBare } from './bus-bare.ts'
import { benchEvent, benchMessage } from './event.ts'
import { openEventPath } from './event-path.ts'
import { type BenchReport, figure } from './report.ts'
import { quantile } from './statistics.ts'

const CAMERAS = 200
const FILL_BATCH = 500
const TICK_MS = 20
const WAIT_MS = 120_000

/**
 * How fast events come from a real Kafka into PostgreSQL (start, update and end of each), beside a bare loop over the same
 * messages of the same broker into the same database; and how long a message takes from `append` to its commit at a steady
 * rate. Broker, database and program share this machine.
 */
export async function benchBus(
  {
    events,
    seconds,
    rate,
    runs,
  }: {
    readonly events: number
    readonly seconds: number
    readonly rate: number
    readonly runs: number
  },
  tools: Tools,
): Promise<BenchReport> {
  const { clock, log, metrics, stack, signal } = tools
  const { folder, database, spool } = await openEventPath(tools)
  const broker = await startKafka({ folder: join(folder, 'kafka') })
  stack.push('the broker of the bench', () => broker[Symbol.asyncDispose]())
  const settings: KafkaSettings = { brokers: broker.brokers, tls: false, sasl: null, replication: 1 }
  await migrateTopics(settings, log)
  const producer = createBusProducer({ settings, clock, log, metrics })
  stack.push('producer', () => producer[Symbol.asyncDispose]())
  const transport = createKafkaTransport(producer)
  const inbox = createInbox({ database, clock, log, metrics })

  /** Reads with the inbox until `isOver`; `took` hears of each batch after its commit. */
  async function readOurs(
    isOver: () => boolean,
    took: (values: readonly unknown[], startedAt: number) => void,
  ): Promise<void> {
    const stopping = new AbortController()
    const receiver: MessageReceiver = {
      async receive(values) {
        const startedAt = performance.now()
        const refused = await inbox.receive(values)
        took(values, startedAt)
        return refused
      },
    }
    const consumer = createBusConsumer({
      ...{ settings, group: 'bench', receivers: { 'hazard.events.v1': receiver }, producer },
      ...{ clock, log, metrics },
    })
    const ended = consumer.run(stopping.signal)
    try {
      await until(isOver, signal)
    } finally {
      stopping.abort()
      await ended
    }
  }

  const messages = events * 3
  const speeds = { ours: [] as number[], bare: [] as number[], ratio: [] as number[] }
  for (let run = 0; run < runs; run += 1) {
    const filling = threeEach(events, clock.now())
    for (let at = 0; at < filling.length; at += FILL_BATCH)
      await transport.send(filling.slice(at, at + FILL_BATCH))
    const ours = stopwatch(messages)
    await readOurs(ours.isDone, (values, startedAt) => ours.count(values.length, startedAt))
    const bare = stopwatch(messages)
    await readBare({ settings, database, log }, bare.count, () => until(bare.isDone, signal))
    speeds.ours.push(ours.perSecond())
    speeds.bare.push(bare.perSecond())
    speeds.ratio.push(ours.perSecond() / bare.perSecond())
  }
  const latency = await steady()
  return {
    bench: 'bus',
    about: [
      `Apache Kafka ${KAFKA_VERSION} (one node), embedded PostgreSQL with fsync and this program on one machine; ${CAMERAS} cameras`,
      `${runs} × ${events} events, three messages each; beside a bare kafkajs consumer with one multi-row insert a batch`,
      `then ${rate} messages/s for ${seconds} s: spool (synchronous=FULL) → Kafka → inbox`,
    ],
    figures: [
      figure('Kafka → inbox → PostgreSQL, committed', 'messages/s', speeds.ours, '≥ 2000'),
      figure('bare kafkajs + multi-row insert, committed', 'messages/s', speeds.bare),
      figure('share of the bare loop', 'ratio', speeds.ratio),
      figure(`append → committed at ${rate}/s, p50`, 'ms', [quantile(latency.ms, 0.5)]),
      figure(`append → committed at ${rate}/s, p99`, 'ms', [quantile(latency.ms, 0.99)], '< 2000'),
      figure(`append → committed at ${rate}/s, longest`, 'ms', [Math.max(...latency.ms)]),
      figure(`messages a second that were sent`, 'messages/s', [latency.perSecond]),
      figure(`processor time of this program at that rate`, 'cores', [latency.cores]),
    ],
    warnings:
      latency.missing > 0 ? [`${latency.missing} messages were not committed within ${WAIT_MS} ms`] : [],
  }

  /** Appends at an even rate, whatever the other side does, and notes when each message is committed. */
  async function steady() {
    const sentAt = new Map<string, number>()
    const ms: number[] = []
    let isSent = false
    const stopping = new AbortController()
    const drained = runDrain({ spool, transport, clock, log, metrics, signal: stopping.signal })
    const deadline = performance.now() + seconds * 1_000 + WAIT_MS
    const read = readOurs(
      () => (isSent && sentAt.size === 0) || performance.now() > deadline,
      (values) => {
        const now = performance.now()
        for (const value of values) {
          const id = idOf(value)
          const from = sentAt.get(id)
          if (from !== undefined) ms.push(now - from)
          sentAt.delete(id)
        }
      },
    )
    const cpu = process.cpuUsage()
    const from = performance.now()
    const waiting: HazardMessage[] = []
    const appends: Promise<void>[] = []
    let sent = 0
    while (performance.now() - from < seconds * 1_000) {
      signal.throwIfAborted()
      for (const due = ((performance.now() - from) / 1_000) * rate; sent < due; sent += 1) {
        if (waiting.length === 0) waiting.push(...threeEach(1, clock.now(), sent))
        const message = waiting.shift()
        if (!message) break
        sentAt.set(message.id, performance.now())
        appends.push(spool.append(message))
      }
      await delay(TICK_MS)
    }
    const elapsed = performance.now() - from
    const used = process.cpuUsage(cpu)
    await Promise.all(appends)
    isSent = true
    await read
    stopping.abort()
    await drained
    return {
      ...{ ms, missing: sentAt.size, perSecond: (sent / elapsed) * 1_000 },
      cores: (used.user + used.system) / 1_000 / elapsed,
    }
  }
}

const threeEach = (events: number, now: number, first = 0): HazardMessage[] =>
  Array.from({ length: events }, (_, n) => benchEvent(`bench-${(first + n) % CAMERAS}`, now + n)).flatMap(
    (event) =>
      (['start', 'update', 'end'] as const).map((kind, index) =>
        benchMessage(event, { kind, seq: index + 1, at: event.startedAt + index * 1_000 }),
      ),
  )

/** A message begins with its version and id; parsing it whole would be measured too. */
function idOf(value: unknown): string {
  const head = value instanceof Uint8Array ? Buffer.from(value.subarray(0, 200)).toString() : ''
  return /"id":"([^"]+)"/.exec(head)?.[1] ?? ''
}

/** From the begin of the first batch to the commit of the last one. */
function stopwatch(wanted: number) {
  let seen = 0
  let from = 0
  let to = 0
  return {
    count(messages: number, startedAt: number) {
      if (seen === 0) from = startedAt
      seen += messages
      to = performance.now()
    },
    isDone: () => seen >= wanted,
    perSecond: () => (seen / (to - from)) * 1_000,
  }
}

async function until(isTrue: () => boolean, signal: AbortSignal): Promise<void> {
  while (!isTrue()) await delay(10, undefined, { signal })
}
