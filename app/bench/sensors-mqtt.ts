import { join } from 'node:path'
import { startMqttBroker } from '../../adapters/mqtt-broker.ts'
import { sensorSchema } from '../../core/config/sensor.ts'
import type { ReadingSink } from '../../core/ports/messages.ts'
import { clientIdOf } from '../../ingest/sensors/mqtt/connection.ts'
import { runMqttSensors } from '../../ingest/sensors/mqtt/sensors.ts'
import { openSpool, type Spool } from '../../ingest/spool/spool.ts'
import type { Tools } from '../tools.ts'
import { benchFolder } from './folder.ts'
import { bareSubscriber, benchDevice, mosquittoProgram, startBenchMosquitto } from './mqtt-brokers.ts'
import { type BenchReport, type Figure, figure } from './report.ts'
import { quantile } from './statistics.ts'

const TOPICS = 200
const SINGLES = 100
const WORKER = 'bench'
const BARE = 'bench-bare'
const FILTER = 'bench/#'

export interface MqttBenchOptions {
  /** Messages a run. */
  readonly messages: number
  readonly runs: number
}

/** What every part of the bench works with. */
interface Bench extends MqttBenchOptions {
  readonly tools: Tools
  readonly folder: string
  readonly spool: Spool
}

/**
 * Readings through MQTT into the spool (a commit with fsync before each answer), beside a bare mqtt.js subscriber that
 * stores nothing, with the same broker and messages. With mosquitto the messages lie in the broker before the clock
 * starts, so that the figure is of the subscriber; the embedded broker lives in our process and answers a device only
 * after storing, so there it is the whole way from publish to answer.
 */
export async function benchMqtt(options: MqttBenchOptions, tools: Tools): Promise<BenchReport> {
  const { messages, runs } = options
  const { clock, log, metrics } = tools
  const folder = await benchFolder(tools)
  const spool = await openSpool({
    ...{ folder: join(folder, 'spool'), clock, log, metrics },
    limits: { ballastBytes: 4_096 },
  })
  tools.stack.push('spool', () => spool[Symbol.asyncDispose]())
  const bench: Bench = { ...options, tools, folder, spool }
  const program = mosquittoProgram()
  const figures = program ? await throughMosquitto(bench, program) : []
  return {
    bench: 'mqtt',
    about: [
      `${runs} × ${messages} messages of ${TOPICS} topics, QoS 1, one reading each; spool with synchronous=FULL on the disk of the temporary folder`,
      'mosquitto: what it kept while its subscriber was away; embedded: publish → stored → answered, device and broker in this process',
      'bare: mqtt.js as it comes, which acknowledges at once and stores nothing',
    ],
    figures: [...figures, ...(await throughEmbedded(bench))],
    warnings: program ? [] : ['mosquitto is not installed: only the embedded broker was measured'],
  }
}

async function throughMosquitto(bench: Bench, program: string): Promise<Figure[]> {
  const { messages, runs, tools, folder } = bench
  const url = await startBenchMosquitto(program, folder, tools)
  const device = await benchDevice(url)
  const figures: Figure[] = []
  for (const version of ['5', '3.1.1'] as const) {
    const bareId = `${BARE}-${version}`
    const rates = createRates()
    // Both have been there once, so that the broker keeps everything for both.
    await (await bareSubscriber(url, version, bareId, FILTER)).end()
    await (await startWorker(bench, url, version, bareId)).end()
    for (let run = 0; run < runs; run += 1) {
      tools.signal.throwIfAborted()
      await device.publish(messages, messageOf(run, tools.clock.now()))
      const bare = stopwatch()
      const subscriber = await bareSubscriber(url, version, bareId, FILTER)
      await subscriber.heard(messages)
      rates.bare.push(bare(messages))
      await subscriber.end()
      const ours = stopwatch()
      const worker = await startWorker(bench, url, version, bareId)
      await worker.stored(messages)
      rates.ours.push(ours(messages))
      await worker.end()
    }
    figures.push(...rates.figures(`mosquitto, MQTT ${version}`, 'stored, then acknowledged'))
  }
  const worker = await startWorker(bench, url, '5', 'alone')
  figures.push(...(await oneByOne('mosquitto', device, worker, bench)))
  await worker.end()
  await device.end()
  return figures
}

async function throughEmbedded(bench: Bench): Promise<Figure[]> {
  const { messages, runs, tools } = bench
  const broker = await startMqttBroker({ port: 0, log: tools.log, keeper: clientIdOf(WORKER) })
  tools.stack.push('the embedded broker', () => broker.stop())
  const other = await startMqttBroker({ port: 0, log: tools.log, keeper: BARE })
  tools.stack.push('the broker beside it', () => other.stop())
  const worker = await startWorker(bench, broker.url, '3.1.1', WORKER)
  const device = await benchDevice(broker.url)
  const single = await oneByOne('embedded', device, worker, bench)
  const subscriber = await bareSubscriber(other.url, '3.1.1', BARE, FILTER)
  const otherDevice = await benchDevice(other.url)
  const rates = createRates()
  for (let run = 0; run < runs; run += 1) {
    tools.signal.throwIfAborted()
    const bare = stopwatch()
    await otherDevice.publish(messages, messageOf(run, tools.clock.now()))
    await subscriber.heard((run + 1) * messages)
    rates.bare.push(bare(messages))
    const ours = stopwatch()
    await device.publish(messages, messageOf(run, tools.clock.now()))
    rates.ours.push(ours(messages))
    await empty(bench.spool)
  }
  await Promise.all([device.end(), otherDevice.end(), subscriber.end(), worker.end()])
  return [...rates.figures('embedded', 'stored, then answered'), ...single]
}

type Worker = Awaited<ReturnType<typeof startWorker>>

/** From the publish of one message to the commit of the spool, nothing else under way. */
async function oneByOne(
  name: string,
  device: Awaited<ReturnType<typeof benchDevice>>,
  worker: Worker,
  { tools, spool }: Bench,
): Promise<Figure[]> {
  await worker.ready()
  const took: number[] = []
  const before = worker.count()
  for (let n = 0; n < SINGLES; n += 1) {
    tools.signal.throwIfAborted()
    const start = performance.now()
    const said = device.publish(1, messageOf(1_000 + n, tools.clock.now()))
    await worker.stored(before + n + 1)
    took.push(performance.now() - start)
    await said
  }
  await empty(spool)
  return [0.5, 0.95].map((q) =>
    figure(`${name}: one message alone, publish → committed, p${q * 100}`, 'ms', [quantile(took, q)]),
  )
}

/** A worker as it runs, with a sink that says how many messages are committed. `name` makes its session. */
async function startWorker({ tools, spool }: Bench, url: string, version: '3.1.1' | '5', name: string) {
  const { clock, log, metrics } = tools
  const stop = new AbortController()
  let count = 0
  let wanted = { count: Number.POSITIVE_INFINITY, reached: () => {} }
  const sink: ReadingSink = {
    async append(messages) {
      await spool.readings.append(messages)
      count += messages.length
      if (count >= wanted.count) wanted.reached()
    },
  }
  const mqtt = runMqttSensors(
    {
      settings: { url, version, username: null, password: null, share: null },
      ...{ worker: name, sink, sensors: () => SENSORS, clock, log, metrics },
    },
    stop.signal,
  )
  const ready = async () => {
    while (!mqtt.facts().subscribed) await clock.sleep(5, tools.signal)
  }
  return {
    ready,
    count: () => count,
    stored: (all: number) =>
      new Promise<void>((resolve) => {
        wanted = { count: all, reached: resolve }
        if (count >= all) resolve()
      }),
    /** Once it is subscribed: a worker that ends before has no session. */
    async end() {
      await ready()
      stop.abort()
      await mqtt.ended
      await empty(spool)
    },
  }
}

const SENSORS = Array.from({ length: TOPICS }, (_, n) =>
  sensorSchema.parse({
    ...{ id: `s${n}`, source: 'mqtt', topic: `bench/s${n}` },
    ...{ factor: 'a34004', unit: 'ug/m3' },
  }),
)

const messageOf = (run: number, now: number) => (n: number) =>
  [
    `bench/s${n % TOPICS}`,
    JSON.stringify({ value: n / 10, at: now - 3_600_000 + run * 1_000 + n, flag: 'N' }),
  ] as const

const stopwatch = () => {
  const start = performance.now()
  return (messages: number) => (messages / (performance.now() - start)) * 1_000
}

function createRates() {
  const ours: number[] = []
  const bare: number[] = []
  return {
    ours,
    bare,
    figures: (name: string, what: string): Figure[] => [
      figure(`${name}: ${what}`, 'messages/s', ours),
      figure(`${name}: bare subscriber`, 'messages/s', bare),
      figure(
        `${name}: bare ÷ ours`,
        '×',
        ours.map((rate, run) => (bare[run] ?? 0) / rate),
      ),
    ],
  }
}

async function empty({ readings }: Spool): Promise<void> {
  for (let batch = await readings.take(1_000); batch.length > 0; batch = await readings.take(1_000))
    await readings.remove(batch.map(({ id }) => id))
}
