import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../adapters/clock.ts'
import { openSpool } from '../../../ingest/spool/spool.ts'
import { recordingMetrics, silentLog } from '../../support/log.ts'
import { mosquittoIsThere, startMosquitto } from '../../support/mosquitto.ts'
import type { Plan } from '../../support/mqtt-child.ts'
import { missingService } from '../../support/services.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { mqttContract, timed, upTo } from './mqtt-contract.ts'
import { device, mqttSensor, startChild, startWorker, testSink, valuesOf } from './mqtt-fixture.ts'

const WITHIN = 60_000
const one = mqttSensor('a1')

describe.skipIf(missingService('mosquitto', mosquittoIsThere))('mosquitto', { timeout: 180_000 }, () => {
  for (const version of ['5', '3.1.1'] as const)
    describe(`over MQTT ${version}`, () => {
      mqttContract(version, () => startMosquitto())
      brokerThatFails(version)
      sharedSubscriptions(version)
    })
  brokersRules()
})

function brokerThatFails(version: '3.1.1' | '5'): void {
  test('a broker that is stopped and comes back with its sessions has lost nothing', async () => {
    await using broker = await startMosquitto()
    await using meter = await device(broker.url, version)
    const sink = testSink()
    await using worker = startWorker({ settings: { url: broker.url, version }, sensors: [one], sink })
    await worker.ready()
    sink.refuse('disk_full')
    for (let n = 0; n < 50; n += 1) await meter.say('sensors/a1', timed(n))
    await broker.stop()
    await waitUntil('the break is noticed', () => !worker.mqtt.facts().connected, WITHIN)
    expect(worker.mqtt.facts().problem).toMatch(/closed|ECONNREFUSED/)
    await broker.start()
    await worker.ready()
    sink.refuse(null)
    await waitUntil('all are stored', () => new Set(sink.values()).size === 50, WITHIN)
    expect(worker.mqtt.facts().sessionLost).toBeNull()
  })

  test('a broker that has forgotten the session: an alarm, every topic again, and readings go on', async () => {
    await using broker = await startMosquitto()
    const sink = testSink()
    await using worker = startWorker({ settings: { url: broker.url, version }, sensors: [one], sink })
    await worker.ready()
    await broker.stop()
    await broker.forget()
    await broker.start()
    await waitUntil('the loss is known', () => worker.mqtt.facts().sessionLost?.times === 1, WITHIN)
    expect(worker.metrics.counts.get('mqtt_session_lost_total{}')).toBe(1)
    expect(worker.log.lines.join()).toContain('what it kept for us is lost')
    await worker.ready()
    await using meter = await device(broker.url, version)
    await meter.say('sensors/a1', timed(1))
    await waitUntil('readings go on', () => sink.values().length === 1, WITHIN)
  })

  test('an answer of a former connection is not sent on the next one, where its number is of another message', async () => {
    await using broker = await startMosquitto()
    const [first, second] = [testSink(), testSink()]
    {
      await using worker = startWorker({
        settings: { url: broker.url, version },
        sensors: [one],
        sink: first,
      })
      await worker.ready()
      const release = first.hold()
      await using meter = await device(broker.url, version)
      await meter.say('sensors/a1', timed(1))
      await waitUntil('it is being stored', () => first.calls === 1, WITHIN)
      await broker.stop()
      await broker.forget()
      await broker.start()
      await worker.ready()
      await waitUntil('the device is back', () => meter.client.connected, WITHIN)
      await meter.say('sensors/a1', timed(2)) // the first message of the new session: the same packet id
      await waitUntil('both wait', () => worker.mqtt.facts().pending === 2, WITHIN)
      const letGo = first.hold()
      release()
      await waitUntil('the next is being stored', () => first.calls === 2, WITHIN)
      first.refuse('spool_full')
      letGo()
    }
    expect(first.values()).toEqual(['a1 1'])
    await using again = startWorker({ settings: { url: broker.url, version }, sensors: [one], sink: second })
    await again.ready()
    await waitUntil('the broker still has the other one', () => second.values().includes('a1 2'), WITHIN)
  })

  test('a broker that stands still is noticed by its silence; when it moves again readings go on', async () => {
    await using broker = await startMosquitto()
    await using meter = await device(broker.url, version)
    const sink = testSink()
    await using worker = startWorker({
      settings: { url: broker.url, version },
      ...{ sensors: [one], sink, tuning: { keepaliveSeconds: 2 } },
    })
    await worker.ready()
    broker.pause()
    const said = meter.say('sensors/a1', timed(1))
    await waitUntil('its silence is noticed', () => !worker.mqtt.facts().connected, WITHIN)
    expect(worker.mqtt.facts().problem).toMatch(/Keepalive timeout/)
    broker.resume()
    await worker.ready()
    await said
    await waitUntil('readings go on', () => sink.values().includes('a1 1'), WITHIN)
    expect(worker.mqtt.facts().sessionLost).toBeNull()
  })
}

function sharedSubscriptions(version: '3.1.1' | '5'): void {
  test('two workers share a group: each reading is spooled once, each has its part', async () => {
    await using broker = await startMosquitto()
    await using meter = await device(broker.url, version)
    const [a, b] = [testSink(), testSink()]
    const settings = { url: broker.url, version, share: 'city' }
    await using first = startWorker({ settings, sensors: [one], sink: a, worker: 'a' })
    await using second = startWorker({ settings, sensors: [one], sink: b, worker: 'b' })
    await Promise.all([first.ready(), second.ready()])
    await Promise.all(upTo(400).map((_, n) => meter.say('sensors/a1', timed(n))))
    await waitUntil('all are stored', () => a.values().length + b.values().length >= 400, WITHIN)
    expect([...a.values(), ...b.values()].toSorted()).toEqual(upTo(400).toSorted())
    expect(a.values().length).toBeGreaterThan(100)
    expect(b.values().length).toBeGreaterThan(100)
    const warned = first.log.lines.join().includes('shared subscriptions belong to MQTT 5')
    expect(warned).toBe(version === '3.1.1')
  })

  test('a killed member has its part when it comes back: nothing is lost between the two', async () => {
    await using broker = await startMosquitto()
    await using folder = await tempFolder()
    await using meter = await device(broker.url, version)
    const settings = { url: broker.url, version, share: 'city' }
    const plan: Plan = {
      ...{ folder: join(folder.path, 'spool'), worker: 'b', sensors: 1, die: { at: 2, when: 'before' } },
      settings: { ...settings, username: null, password: null },
    }
    const sink = testSink()
    await using worker = startWorker({ settings, sensors: [one], sink, worker: 'a' })
    await worker.ready()
    const member = startChild(plan)
    await member.said('subscribed')
    await Promise.all(upTo(400).map((_, n) => meter.say('sensors/a1', timed(n))))
    expect(await member.exited).toEqual({ code: null, signal: 'SIGKILL' })
    const back = startChild({ ...plan, die: null })
    await back.said('subscribed')
    // One after the other: the member's part of these comes behind what it had missed.
    const last = [400, 401, 402, 403]
    const reached = Promise.any(last.map((n) => back.said(`stored a1 ${n}\n`)))
    for (const n of last) await meter.say('sensors/a1', timed(n))
    await reached
    process.kill(back.pid ?? 0, 'SIGTERM')
    await back.exited
    await using spool = await openSpool({
      ...{ folder: plan.folder, clock: systemClock, log: silentLog, metrics: recordingMetrics() },
      limits: { ballastBytes: 4_096 },
    })
    const kept = valuesOf((await spool.readings.take(1_000)).map(({ message }) => message))
    const missing = () => upTo(400).filter((each) => !sink.values().includes(each))
    await waitUntil('the other has the rest', () => missing().every((each) => kept.includes(each)), WITHIN)
    expect(kept.length).toBeGreaterThan(100)
    expect(new Set(kept).size).toBe(kept.length)
    expect(kept.filter((each) => sink.values().includes(each))).toEqual([])
  })
}

function brokersRules(): void {
  test('with its default of 1,000 queued messages mosquitto drops without a word: docs/sensors.md says 0', async () => {
    await using broker = await startMosquitto(['max_queued_messages 1000'])
    await using meter = await device(broker.url, '5')
    const settings = { url: broker.url, version: '5' as const }
    {
      await using worker = startWorker({ settings, sensors: [one], sink: testSink() })
      await worker.ready()
    }
    // All of them are acknowledged to the device.
    await Promise.all(upTo(5_000).map((_, n) => meter.say('sensors/a1', timed(n))))
    const sink = testSink()
    await using worker = startWorker({ settings, sensors: [one], sink })
    await worker.ready()
    await meter.say('sensors/a1', timed(5_000))
    await waitUntil('what it kept has come', () => sink.values().includes('a1 5000'), WITHIN)
    expect(sink.values().length).toBeLessThan(1_200)
  })

  test('a wrong password is said without it, and the door is tried again', async () => {
    await using folder = await tempFolder()
    const passwords = join(folder.path, 'passwords')
    await writeFile(passwords, '', { mode: 0o600 })
    await using broker = await startMosquitto(['allow_anonymous false', `password_file ${passwords}`])
    const settings = { url: broker.url, version: '5' as const, username: 'eyes', password: 'not-this-one' }
    await using worker = startWorker({ settings, sensors: [one], sink: testSink() })
    const reconnects = () => worker.metrics.counts.get('mqtt_reconnects_total{}') ?? 0
    await waitUntil('it is tried again', () => reconnects() >= 2, WITHIN)
    expect(worker.mqtt.facts().problem).toMatch(/Not authorized/i)
    expect(worker.log.lines.join() + JSON.stringify(worker.mqtt.facts())).not.toContain('not-this-one')
  })

  test('a message that is larger than what may come is kept away, the connection stays', async () => {
    await using broker = await startMosquitto()
    await using meter = await device(broker.url, '5')
    const sink = testSink()
    await using worker = startWorker({ settings: { url: broker.url, version: '5' }, sensors: [one], sink })
    await worker.ready()
    await meter.say('sensors/a1', Buffer.alloc(5 << 20, '1'))
    await meter.say('sensors/a1', timed(1))
    await waitUntil('the next one is stored', () => sink.values().length === 1, WITHIN)
    expect(worker.metrics.counts.get('mqtt_reconnects_total{}') ?? 0).toBe(0)
  })

  test('two workers of one name take the session from each other, slower and slower, and say so', async () => {
    await using broker = await startMosquitto()
    const settings = { url: broker.url, version: '5' as const }
    await using first = startWorker({ settings, sensors: [one], sink: testSink() })
    await first.ready()
    await using second = startWorker({ settings, sensors: [one], sink: testSink() })
    await second.ready()
    await waitUntil(
      'it is said',
      () =>
        [first, second].some(({ log }) =>
          log.lines.join().includes('does a second worker run with the same name'),
        ),
      WITHIN,
    )
  })
}
