import { once } from 'node:events'
import { createServer } from 'node:net'
import { Aedes } from 'aedes'
import { expect, test } from 'vitest'
import { waitUntil } from '../../support/wait-until.ts'
import { timed } from './mqtt-contract.ts'
import { device, lineTo, mqttSensor, startWorker, testSink } from './mqtt-fixture.ts'

test('a topic that the broker refuses is named in the facts and asked for again; the rest works', async () => {
  const asked: string[] = []
  let open = false
  const broker = await Aedes.createBroker({
    authorizeSubscribe(_client, subscription, callback) {
      asked.push(subscription.topic)
      if (subscription.topic === 'sensors/a2' && !open) return callback(null, null)
      callback(
        null,
        subscription.topic === 'sensors/a3' && !open ? { ...subscription, qos: 0 } : subscription,
      )
    },
  })
  await using server = createServer(broker.handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no address')
  await using line = await lineTo(address.port)
  const sink = testSink()
  const sensors = ['a1', 'a2'].map((id) => mqttSensor(id))
  await using worker = startWorker({ settings: { url: line.url, version: '3.1.1' }, sensors, sink })
  await worker.ready()
  expect([...worker.mqtt.facts().unsubscribed.keys()]).toEqual(['a2'])
  expect(worker.mqtt.facts().unsubscribed.get('a2')).toMatch(/refuses.*may this user read the topic/)
  expect(worker.metrics.counts.get('mqtt_subscription_refused_total{}')).toBe(1)
  await using meter = await device(`mqtt://127.0.0.1:${address.port}`, '3.1.1')
  await meter.say('sensors/a1', timed(1))
  await waitUntil('the other one works', () => sink.values().length === 1)
  expect(asked.filter((topic) => topic === 'sensors/a2')).toHaveLength(1) // not again each second

  // With the next connection it is asked for again.
  open = true
  line.cut()
  await waitUntil('the fault is gone', () => worker.mqtt.facts().unsubscribed.size === 0)
  await meter.say('sensors/a2', timed(2))
  await waitUntil('now it works', () => sink.values().length === 2)
  await new Promise<void>((resolve) => broker.close(() => resolve()))
})
