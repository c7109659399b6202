import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../adapters/clock.ts'
import { clientIdOf } from '../../../ingest/sensors/mqtt/connection.ts'
import { MAX_PAYLOAD_BYTES } from '../../../ingest/sensors/mqtt/payload.ts'
import { openSpool } from '../../../ingest/spool/spool.ts'
import { recordingMetrics, silentLog } from '../../support/log.ts'
import type { Plan } from '../../support/mqtt-child.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { device, lineTo, mqttSensor, startChild, startWorker, testSink, valuesOf } from './mqtt-fixture.ts'

/** A broker as the contract needs it. */
export interface ContractBroker extends AsyncDisposable {
  /** Whether a message that is sent again has its packet id and the mark of a duplicate, as the protocol wants. */
  readonly marksRepeats: boolean
  readonly url: string
  readonly port: number
}

export const WORKER = 'host-a:/data'
const T0 = Date.UTC(2026, 2, 1, 4)
const WITHIN = 60_000
/** A reading with its own time: the same content is the same message. */
export const timed = (n: number) => ({ value: n, at: T0 + n * 1_000 })
export const upTo = (count: number, id = 'a1') => Array.from({ length: count }, (_, n) => `${id} ${n}`)

/** What holds with every broker, over 3.1.1 and 5. `start` gives one of its own to each test. */
export function mqttContract(version: '3.1.1' | '5', start: () => Promise<ContractBroker>): void {
  const settingsOf = (url: string) => ({ url, version })
  const one = mqttSensor('a1')

  test('what was not stored when the connection broke comes again, and stays one message', async () => {
    await using broker = await start()
    await using line = await lineTo(broker.port)
    await using meter = await device(broker.url, version)
    const sink = testSink()
    const worker = startWorker({ settings: settingsOf(line.url), sensors: [one], sink })
    await using _ = worker
    await worker.ready()
    const release = sink.hold()
    // Without a time of their own the moment of arrival is part of the message, so a repeat must be known as one.
    const said = [1, 2, 3, 4, 5].map((n) =>
      meter.say('sensors/a1', broker.marksRepeats ? String(n) : timed(n)),
    )
    await waitUntil('something is being stored', () => sink.calls > 0, WITHIN)
    line.cut()
    await waitUntil('the break is noticed', () => !worker.mqtt.facts().connected, WITHIN)
    release()
    await worker.ready()
    await Promise.all(said)
    // The broker sends again what it has to before what is new.
    await meter.say('sensors/a1', timed(9))
    await waitUntil('the new one is stored', () => sink.values().includes('a1 9'), WITHIN)
    expect(new Set(sink.values())).toEqual(new Set(['a1 1', 'a1 2', 'a1 3', 'a1 4', 'a1 5', 'a1 9']))
    await waitUntil('all are answered', () => worker.mqtt.facts().pending === 0, WITHIN)
    expect(new Set(sink.messages.map(({ id }) => id)).size).toBe(6)

    // Answered is answered: the next process gets what comes next, and nothing else.
    await worker[Symbol.asyncDispose]()
    const next = testSink()
    await using again = startWorker({ settings: settingsOf(broker.url), sensors: [one], sink: next })
    await again.ready()
    await meter.say('sensors/a1', '6')
    await waitUntil('the next one is stored', () => next.values().includes('a1 6'), WITHIN)
    expect(next.values()).toEqual(['a1 6'])
  })

  test('while nothing can be stored nothing is answered, also over a break; then all come in order', async () => {
    await using broker = await start()
    await using line = await lineTo(broker.port)
    await using meter = await device(broker.url, version)
    const sink = testSink()
    const tuning = { window: 10 }
    await using worker = startWorker({ settings: settingsOf(line.url), sensors: [one], sink, tuning })
    await worker.ready()
    sink.refuse('spool_full')
    const said = upTo(60).map((_, n) => meter.say('sensors/a1', timed(n)))
    await waitUntil('the refusal is known', () => worker.mqtt.facts().refused?.code === 'spool_full', WITHIN)
    await waitUntil('the window is full', () => worker.mqtt.facts().pending >= 10, WITHIN)
    const before = sink.calls
    await waitUntil('it is tried again', () => sink.calls > before + 1, WITHIN)
    line.cut()
    await waitUntil('the break is noticed', () => !worker.mqtt.facts().connected, WITHIN)
    await waitUntil('the connection is back', () => worker.mqtt.facts().connected, WITHIN)
    expect(sink.messages).toEqual([])
    expect(worker.mqtt.facts().pending).toBeLessThanOrEqual(20) // the window, and one of the former connection

    sink.refuse(null)
    await Promise.all(said)
    await waitUntil('all are stored', () => new Set(sink.values()).size === 60, WITHIN)
    expect([...new Set(sink.values())]).toEqual(upTo(60))
    await waitUntil('nothing is refused any more', () => worker.mqtt.facts().refused === null, WITHIN)
    expect(worker.metrics.counts.get('mqtt_refused_total{code=spool_full}')).toBeGreaterThan(0)
    expect(worker.log.lines.join()).toMatch(/they cannot be kept.*kept and answered again/)
  })

  test.for(['before', 'after'] as const)(
    'kill -9 %s the commit of the spool: none of 200 is lost',
    async (when) => {
      await using broker = await start()
      await using folder = await tempFolder()
      await using meter = await device(broker.url, version)
      const plan: Plan = {
        ...{ folder: join(folder.path, 'spool'), worker: WORKER, sensors: 2, die: { at: 2, when } },
        settings: { ...settingsOf(broker.url), username: null, password: null, share: null },
      }
      const said: Promise<void>[] = []
      for (let dead = 0; dead < 3; dead += 1) {
        const die = { at: dead === 0 ? 2 : 1, when }
        const child = startChild({ ...plan, die })
        if (dead === 0) {
          await child.said('subscribed')
          for (let n = 0; n < 100; n += 1)
            said.push(meter.say('sensors/a1', timed(n)), meter.say('sensors/a2', timed(n)))
        }
        expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' })
      }
      const last = startChild({ ...plan, die: null })
      await last.said('subscribed')
      await Promise.all(said)
      // A message that comes after all others is stored after all others.
      await meter.say('sensors/a1', timed(100))
      await last.said('stored a1 100\n')
      process.kill(last.pid ?? 0, 'SIGTERM')
      await last.exited

      await using spool = await openSpool({
        ...{ folder: plan.folder, clock: systemClock, log: silentLog, metrics: recordingMetrics() },
        limits: { ballastBytes: 4_096 },
      })
      const kept = valuesOf((await spool.readings.take(1_000)).map(({ message }) => message))
      expect(kept.toSorted()).toEqual([...upTo(101, 'a1'), ...upTo(100, 'a2')].toSorted())
    },
  )

  test('5,000 messages that came while the worker was away are stored once each', async () => {
    await using broker = await start()
    await using meter = await device(broker.url, version)
    {
      await using worker = startWorker({ settings: settingsOf(broker.url), sensors: [one], sink: testSink() })
      await worker.ready()
    }
    const said = upTo(5_000).map((_, n) => meter.say('sensors/a1', timed(n)))
    await using folder = await tempFolder()
    await using spool = await openSpool({
      ...{ folder: folder.path, clock: systemClock, log: silentLog, metrics: recordingMetrics() },
      limits: { ballastBytes: 4_096 },
    })
    await using worker = startWorker({
      settings: settingsOf(broker.url),
      sensors: [one],
      sink: spool.readings,
    })
    await waitUntil('all are spooled', () => spool.readings.facts.records === 5_000, WITHIN)
    await Promise.all(said)
    const values: string[] = []
    for (
      let batch = await spool.readings.take(1_000);
      batch.length > 0;
      batch = await spool.readings.take(1_000)
    ) {
      values.push(...valuesOf(batch.map(({ message }) => message)))
      await spool.readings.remove(batch.map(({ id }) => id))
    }
    expect(values).toEqual(upTo(5_000))
    expect(worker.mqtt.facts()).toMatchObject({ sessionLost: null, refused: null, pending: 0 })
  })

  test('payloads that cannot be taken are answered, counted, named and shown in part; the rest goes on', async () => {
    await using broker = await start()
    await using meter = await device(broker.url, version)
    const sink = testSink()
    const sensors = [
      one,
      mqttSensor('pair-1', { topic: 'pair' }),
      mqttSensor('pair-2', { topic: 'pair', factor: 'x' }),
    ]
    await using worker = startWorker({ settings: settingsOf(broker.url), sensors, sink })
    await worker.ready()
    const secret = `{"value":"${'s'.repeat(150)}THE-END"`
    const bad = [
      'NaN',
      '"1"',
      '{}',
      secret,
      Buffer.from([0, 255, 254]),
      '[[[[[[1]]]]]]',
      Buffer.alloc(1_100_000, '1'),
    ]
    for (const payload of bad) await meter.say('sensors/a1', payload)
    await meter.say('sensors/a1', '') // how a retained message is taken back: nothing to say about it
    await meter.say('pair', '7')
    await meter.say('pair', { a34004: 1, x: 2 })
    await meter.say('sensors/a1', [timed(1), 'no', timed(2)])
    await waitUntil('the good ones are stored', () => sink.values().length === 4, WITHIN)
    expect(sink.values()).toEqual(['pair-1 1', 'pair-2 2', 'a1 1', 'a1 2'])
    const facts = worker.mqtt.facts()
    expect(facts.connected).toBe(true)
    expect(facts.sensors.map(({ sensor, rejected, readings }) => ({ sensor, rejected, readings }))).toEqual([
      { sensor: 'a1', rejected: bad.length + 1, readings: 2 },
      { sensor: 'pair-1', rejected: 1, readings: 1 },
      { sensor: 'pair-2', rejected: 1, readings: 1 },
    ])
    expect(facts.sensors[0]?.lastRejection?.reason).toMatch(/a text where a number/)
    expect(facts.sensors[1]?.lastRejection?.reason).toMatch(/2 factors have this topic \(a34004, x\)/)
    expect(worker.metrics.counts.get('sensor_rejected_total{why=too_large}')).toBe(1)
    expect(worker.log.lines.join()).not.toContain('THE-END')
    // One line a sensor and minute.
    expect(worker.log.lines.filter((line) => line.includes('cannot be taken')).length).toBe(3)
  })

  test('a payload of a megabyte is as many messages as it needs, under one answer', async () => {
    await using broker = await start()
    await using meter = await device(broker.url, version)
    const sink = testSink()
    await using worker = startWorker({ settings: settingsOf(broker.url), sensors: [one], sink })
    await worker.ready()
    const batch = Array.from({ length: 15_000 }, (_, n) => ({ ...timed(n), flag: 'N', note: 'x'.repeat(13) }))
    const payload = JSON.stringify(batch)
    expect(payload.length).toBeGreaterThan(1_000_000)
    expect(payload.length).toBeLessThan(MAX_PAYLOAD_BYTES)
    await meter.say('sensors/a1', payload)
    await waitUntil('all are stored', () => sink.values().length === 15_000, WITHIN)
    expect(sink.messages.length).toBe(30)
    expect(sink.calls).toBe(1)
  })

  test('200 topics; what is configured may change while it runs', async () => {
    await using broker = await start()
    await using meter = await device(broker.url, version)
    const sink = testSink()
    const many = Array.from({ length: 200 }, (_, n) => mqttSensor(`m${n}`))
    await using worker = startWorker({ settings: settingsOf(broker.url), sensors: many, sink })
    await worker.ready()
    await Promise.all(many.map(({ topic }, n) => meter.say(topic, timed(n))))
    await waitUntil('each has its own', () => sink.values().length === 200, WITHIN)
    expect(sink.values().toSorted()).toEqual(many.map(({ id }, n) => `${id} ${n}`).toSorted())

    worker.configure([
      ...many.slice(1),
      mqttSensor('wide', { topic: 'area/+/pm' }),
      mqttSensor('bad', { topic: 'a+' }),
    ])
    await waitUntil('the fault is named', () => worker.mqtt.facts().unsubscribed.has('bad'), WITHIN)
    await waitUntil('the new topic is subscribed to', () => worker.mqtt.facts().subscribed, WITHIN)
    await meter.say('sensors/m0', timed(1))
    await meter.say('area/north/pm', timed(1))
    await meter.say('area/south/pm', timed(2))
    await waitUntil('the new one has both', () => sink.values().length === 202, WITHIN)
    expect(sink.values().slice(200)).toEqual(['wide 1', 'wide 2'])
  })

  test('a topic that left the configuration while the worker was away is given up at its first message', async () => {
    await using broker = await start()
    await using meter = await device(broker.url, version)
    const sink = testSink()
    {
      const sensors = [one, mqttSensor('a2')]
      await using worker = startWorker({ settings: settingsOf(broker.url), sensors, sink })
      await worker.ready()
    }
    await using worker = startWorker({ settings: settingsOf(broker.url), sensors: [one], sink })
    await worker.ready()
    const strangers = () => worker.metrics.counts.get('mqtt_messages_total{kind=stranger}')
    await meter.say('sensors/a2', timed(1))
    await waitUntil('it came to nobody', () => strangers() === 1, WITHIN)
    await meter.say('sensors/a1', timed(1))
    await waitUntil('the broker has heard us', () => sink.values().includes('a1 1'), WITHIN)
    await meter.say('sensors/a2', timed(2))
    await meter.say('sensors/a1', timed(2))
    await waitUntil('the last one is stored', () => sink.values().includes('a1 2'), WITHIN)
    expect(strangers()).toBe(1)
    expect(sink.values()).toEqual(['a1 1', 'a1 2'])
  })

  test('what comes without a wish for an answer and cannot be kept is lost, and counted', async () => {
    await using broker = await start()
    await using meter = await device(broker.url, version)
    const sink = testSink()
    await using worker = startWorker({ settings: settingsOf(broker.url), sensors: [one], sink })
    await worker.ready()
    sink.refuse('disk_full')
    await meter.say('sensors/a1', timed(1), { qos: 0 })
    await waitUntil('the loss is counted', () => worker.metrics.counts.get('mqtt_lost_total{}') === 1, WITHIN)
    sink.refuse(null)
    await meter.say('sensors/a1', timed(2), { qos: 0 })
    await waitUntil('the next one is stored', () => sink.values().length === 1, WITHIN)
    expect(sink.values()).toEqual(['a1 2'])
    expect(worker.mqtt.facts().pending).toBe(0)
  })

  test('birth and will of a device are said of each of its sensors, also to a worker that comes later', async () => {
    await using broker = await start()
    const status = { topic: 'devices/7/status', payload: 'offline' }
    const sensors = [
      mqttSensor('pm', { topic: 'devices/7/pm', statusTopic: status.topic }),
      mqttSensor('no2', { topic: 'devices/7/no2', statusTopic: status.topic }),
    ]
    const sink = testSink()
    const said = (of = sink) =>
      of.messages.flatMap(({ data }) => (data.status ? [`${data.device} ${data.status}`] : []))
    await using worker = startWorker({ settings: settingsOf(broker.url), sensors, sink })
    await worker.ready()
    {
      await using meter = await device(broker.url, version, status)
      await meter.say(status.topic, 'online', { retain: true })
      await waitUntil('it came', () => said().length === 2, WITHIN)
    } // gone without a good-bye
    await waitUntil('it went', () => said().length === 4, WITHIN)
    expect(said()).toEqual(['pm online', 'no2 online', 'pm offline', 'no2 offline'])
    expect(worker.mqtt.facts().sensors.map((each) => each.status)).toEqual(['offline', 'offline'])

    const later = testSink()
    await using another = startWorker({
      settings: settingsOf(broker.url),
      sensors,
      sink: later,
      worker: 'another',
    })
    await another.ready()
    await waitUntil('the later one knows', () => said(later).length === 2, WITHIN)
    expect(said(later)).toEqual(['pm offline', 'no2 offline'])
  })

  test('a retained reading is of its own time; one without a time is of no time', async () => {
    await using broker = await start()
    await using meter = await device(broker.url, version)
    const sink = testSink()
    const sensors = [one, mqttSensor('a2')]
    {
      // The embedded broker answers nobody before somebody is there who stores.
      await using first = startWorker({
        settings: settingsOf(broker.url),
        sensors: [mqttSensor('else')],
        sink,
      })
      await first.ready()
      await meter.say('sensors/a1', timed(7), { retain: true })
      await meter.say('sensors/a2', '7', { retain: true })
    }
    await using worker = startWorker({ settings: settingsOf(broker.url), sensors, sink })
    await worker.ready()
    await meter.say('sensors/a2', timed(8))
    await waitUntil('the retained and the new one are stored', () => sink.values().length === 2, WITHIN)
    expect(sink.values().toSorted()).toEqual(['a1 7', 'a2 8'])
    const retained = sink.messages.find(({ data }) => data.device === 'a1')
    expect(retained?.data.readings[0]?.at).toBe(T0 + 7_000)
    await waitUntil(
      'the timeless one is counted',
      () => worker.metrics.counts.get('mqtt_retained_ignored_total{}') === 1,
      WITHIN,
    )
  })

  test('the worker says itself when it comes and goes', async () => {
    await using broker = await start()
    await using watcher = await device(broker.url, version)
    const heard: string[] = []
    watcher.client.on('message', (topic, payload) => void heard.push(`${topic} ${payload.toString()}`))
    await watcher.client.subscribeAsync('sharp-eyes/workers/+/status', { qos: 1 })
    const topic = `sharp-eyes/workers/${clientIdOf(WORKER)}/status`
    {
      await using worker = startWorker({ settings: settingsOf(broker.url), sensors: [one], sink: testSink() })
      await worker.ready()
      await waitUntil('it came', () => heard.length === 1, WITHIN)
    }
    await waitUntil('it went', () => heard.length === 2, WITHIN)
    expect(heard).toEqual([`${topic} online`, `${topic} offline`])
  })
}
