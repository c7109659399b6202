import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { KafkaSettings } from '../../adapters/kafka/settings.ts'
import { migrateTopics } from '../../adapters/kafka/topics.ts'
import type { BusProducer } from '../../core/ports/messages.ts'
import type { InboundTopic } from '../../core/topics.ts'
import { type KafkaBroker, startKafka } from '../../deploy/kafka/broker.ts'
import { KAFKA_VERSION } from '../../deploy/kafka/fetch.ts'
import type { Tools } from '../tools.ts'
import { type BusClient, kafkajsClient, platformaticClient } from './bus-client.ts'
import { benchFolder } from './folder.ts'
import { type BenchReport, type Figure, figure } from './report.ts'

const TOPIC: InboundTopic = 'hazard.events.v1'
const CAMERAS = 200
const VALUE_BYTES = 1_000
const OUTAGE_MS = 10_000
const WAIT_MS = 30_000

/**
 * The clients that could carry the bus, behind the same ports, on one real broker, one after the other in each round:
 * speed, processor time, and what a broker that dies and a group that is dealt anew do to them.
 */
export async function benchBusClients(
  { seconds, runs }: { readonly seconds: number; readonly runs: number },
  tools: Tools,
): Promise<BenchReport> {
  const { stack, log, signal } = tools
  const broker = await startKafka({ folder: join(await benchFolder(tools), 'kafka') })
  stack.push('the broker of the bench', () => broker[Symbol.asyncDispose]())
  const settings: KafkaSettings = { brokers: broker.brokers, tls: false, sasl: null, replication: 1 }
  await migrateTopics(settings, log)
  const clients = [kafkajsClient(settings, tools), await platformaticClient(settings)]
  const measured = new Map<string, Map<string, { unit: string; runs: number[] }>>()
  const note = (client: BusClient, what: string, unit: string, value: number) => {
    const figures = measured.get(what) ?? new Map<string, { unit: string; runs: number[] }>()
    measured.set(what, figures)
    const one = figures.get(client.name) ?? { unit, runs: [] }
    figures.set(client.name, one)
    one.runs.push(value)
  }
  for (let run = 0; run < runs; run += 1) {
    for (const client of clients) {
      signal.throwIfAborted()
      const say = (what: string, unit: string, value: number) => note(client, what, unit, value)
      await speed(client, `${run}`, seconds, say)
      await rebalance(client, `${run}`, say)
      await outage(client, broker, `${run}`, say)
      await freeze(client, broker, `${run}`, say)
    }
  }
  const figures: Figure[] = [...measured].flatMap(([what, byClient]) =>
    [...byClient].map(([name, { unit, runs }]) => figure(`${what}: ${name}`, unit, runs)),
  )
  return {
    bench: 'bus-clients',
    about: [
      `Apache Kafka ${KAFKA_VERSION}, one node on this machine; messages of ${VALUE_BYTES} bytes, keys of ${CAMERAS} cameras, acks=all`,
      `${runs} rounds, the clients one after the other in each; processor time is that of this process alone`,
    ],
    figures,
    warnings: [],
  }
}

type Say = (what: string, unit: string, value: number) => void

/** Writes one and a hundred a call, reads everything from the beginning, and does nothing for a while. */
async function speed(client: BusClient, run: string, seconds: number, say: Say): Promise<void> {
  await using producer = await client.openProducer()
  for (const size of [1, 100]) {
    await timed(producer, size, 0.5) // connected and warm
    const { messages, ms, cpuMs } = await timed(producer, size, seconds)
    say(`write, ${size} a call`, 'messages/s', (messages / ms) * 1_000)
    say(`write, ${size} a call, processor`, 'ms/1000 messages', (cpuMs / messages) * 1_000)
  }
  let read = 0
  let firstAt = 0
  const cpu = process.cpuUsage()
  await using _reader = await client.openReader(TOPIC, `speed-${run}-${shortOf(client)}`, async (values) => {
    if (read === 0) firstAt = performance.now()
    read += values.length
  })
  // Done when nothing has come for a second: the topic holds what all rounds have written.
  let before = -1
  let lastAt = 0
  while (read === 0 || read !== before) {
    before = read
    lastAt = performance.now()
    await delay(1_000)
  }
  const cpuMs = cpuSince(cpu)
  say('read from the beginning', 'messages/s', (read / (lastAt - firstAt)) * 1_000)
  say('read, processor', 'ms/1000 messages', (cpuMs / read) * 1_000)
  const idle = process.cpuUsage()
  const from = performance.now()
  await delay(seconds * 1_000)
  say('a reader and a writer, idle, processor', 'ms/s', (cpuSince(idle) / (performance.now() - from)) * 1_000)
}

async function timed(producer: BusProducer, size: number, seconds: number) {
  const cpu = process.cpuUsage()
  const from = performance.now()
  let messages = 0
  while (performance.now() - from < seconds * 1_000) {
    await producer.produce(
      TOPIC,
      Array.from({ length: size }, (_, n) => recordOf(messages + n)),
    )
    messages += size
  }
  return { messages, ms: performance.now() - from, cpuMs: cpuSince(cpu) }
}

const FILLER = 'x'.repeat(VALUE_BYTES)
const recordOf = (n: number) => ({ key: `camera-${n % CAMERAS}`, value: Buffer.from(`${n} ${FILLER}`) })

/** Sends numbered messages without pause until stopped; readers say which arrived. */
function numbered(client: string, producer: BusProducer) {
  const acknowledged = new Set<string>()
  const arrived = new Map<string, number>()
  let isOver = false
  let longest = 0
  let lastAck = performance.now()
  let lastArrival = performance.now()
  let longestSilence = 0
  let failures = 0
  const sending = (async () => {
    for (let n = 0; !isOver; n += 1) {
      const id = `${client} ${n}`
      const from = performance.now()
      try {
        await producer.produce(TOPIC, [{ key: `camera-${n % CAMERAS}`, value: Buffer.from(id) }])
        acknowledged.add(id)
        lastAck = performance.now()
      } catch {
        failures += 1
      }
      longest = Math.max(longest, performance.now() - from)
      await delay(5)
    }
  })()
  return {
    acknowledged,
    arrived,
    take: async (values: readonly Uint8Array[]) => {
      for (const value of values) {
        const id = Buffer.from(value.buffer, value.byteOffset, Math.min(64, value.byteLength)).toString()
        if (!id.startsWith(client)) continue // of a round before
        longestSilence = Math.max(longestSilence, performance.now() - lastArrival)
        lastArrival = performance.now()
        arrived.set(id, (arrived.get(id) ?? 0) + 1)
      }
    },
    restartClock() {
      longestSilence = 0
      lastArrival = performance.now()
    },
    facts: () => ({ longest, lastAck, lastArrival, longestSilence, failures }),
    async stop() {
      isOver = true
      await sending
    },
  }
}

/** A second reader joins while messages flow, and the first one is asked to go on. */
async function rebalance(client: BusClient, run: string, say: Say): Promise<void> {
  const group = `rebalance-${run}-${shortOf(client)}`
  await using producer = await client.openProducer()
  const flow = numbered(`${shortOf(client)}-rebalance-${run}`, producer)
  await using first = await client.openReader(TOPIC, group, flow.take)
  await until(() => flow.arrived.size > 100)
  flow.restartClock()
  const from = performance.now()
  await using second = await client.openReader(TOPIC, group, flow.take)
  await until(() => first.partitions() > 0 && second.partitions() > 0 && first.partitions() < 12)
  say('a second reader joins: both have partitions after', 'ms', performance.now() - from)
  const seen = flow.arrived.size
  await until(() => flow.arrived.size > seen + 300)
  await flow.stop()
  await until(() => [...flow.acknowledged].every((id) => flow.arrived.has(id)))
  say('a second reader joins: longest silence', 'ms', flow.facts().longestSilence)
  say('a second reader joins: read twice', 'messages', doubles(flow.arrived))
}

/** kill -9 of the broker, ten seconds nothing, and its start, while messages flow. */
async function outage(client: BusClient, broker: KafkaBroker, run: string, say: Say): Promise<void> {
  await using producer = await client.openProducer()
  const flow = numbered(`${shortOf(client)}-outage-${run}`, producer)
  await using _reader = await client.openReader(TOPIC, `outage-${run}-${shortOf(client)}`, flow.take)
  await until(() => flow.arrived.size > 100)
  await broker.kill()
  await delay(OUTAGE_MS)
  await broker.restart()
  const back = performance.now()
  await until(() => flow.facts().lastAck > back)
  say('broker killed and back: written again after', 'ms', flow.facts().lastAck - back)
  const readAgain = await until(() => flow.facts().lastArrival > back)
  say('broker killed and back: read again after', 'ms', readAgain ? flow.facts().lastArrival - back : WAIT_MS)
  say('broker killed and back: longest call of write', 'ms', flow.facts().longest)
  await flow.stop()
  await until(() => [...flow.acknowledged].every((id) => flow.arrived.has(id)))
  const lost = [...flow.acknowledged].filter((id) => !flow.arrived.has(id)).length
  say('broker killed and back: acknowledged and never read', 'messages', lost)
  say('broker killed and back: read twice', 'messages', doubles(flow.arrived))
}

/**
 * The broker is frozen during a write that is given up, and goes on. What is written and acknowledged afterwards by the same
 * producer has to be in the topic.
 */
async function freeze(client: BusClient, broker: KafkaBroker, run: string, say: Say): Promise<void> {
  for (const kind of ['plain', 'idempotent'] as const) {
    const prefix = `${shortOf(client)}-freeze-${kind}-${run}`
    await using producer = await (kind === 'plain' ? client.openProducer() : client.openIdempotent())
    const write = (id: string) =>
      producer.produce(TOPIC, [{ key: 'frozen', value: Buffer.from(`${prefix} ${id}`) }])
    await write('first')
    broker.pause()
    await Promise.race([write('given up').catch(() => undefined), delay(OUTAGE_MS)])
    broker.resume()
    const acknowledged: string[] = []
    for (const id of ['second', 'third', 'fourth', 'last']) {
      await write(id).then(
        () => acknowledged.push(`${prefix} ${id}`),
        () => undefined,
      )
    }
    const found = new Set<string>()
    await using _reader = await client.openReader(TOPIC, prefix, async (values) => {
      for (const value of values) {
        const id = Buffer.from(value.buffer, value.byteOffset, Math.min(64, value.byteLength)).toString()
        if (id.startsWith(prefix)) found.add(id)
      }
    })
    await until(() => found.has(`${prefix} last`))
    const lost = acknowledged.filter((id) => !found.has(id)).length
    say(`broker frozen during a write, ${kind} producer: acknowledged afterwards and lost`, 'of 4', lost)
  }
}

/** Whether it came true in time. What does not is a figure of its own. */
async function until(isTrue: () => boolean): Promise<boolean> {
  const deadline = performance.now() + WAIT_MS
  while (!isTrue() && performance.now() < deadline) await delay(10)
  return isTrue()
}

const doubles = (arrived: ReadonlyMap<string, number>): number =>
  [...arrived.values()].reduce((sum, times) => sum + times - 1, 0)
const shortOf = ({ name }: BusClient): string => name.replace(/^@/, '').split(/[ /]/)[0] ?? name
const cpuSince = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
