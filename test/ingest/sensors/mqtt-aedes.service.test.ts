import { once } from 'node:events'
import { connect } from 'node:net'
import { connectAsync } from 'mqtt'
import { describe, expect, test } from 'vitest'
import { type MqttBrokerDeps, startMqttBroker } from '../../../adapters/mqtt-broker.ts'
import { clientIdOf } from '../../../ingest/sensors/mqtt/connection.ts'
import { silentLog } from '../../support/log.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { type ContractBroker, mqttContract, timed, WORKER } from './mqtt-contract.ts'
import { device, mqttSensor, startWorker, testSink } from './mqtt-fixture.ts'

const WITHIN = 60_000
const one = mqttSensor('a1')

async function embedded(deps: Partial<MqttBrokerDeps> = {}): Promise<ContractBroker & { clients(): number }> {
  const broker = await startMqttBroker({ port: 0, log: silentLog, keeper: clientIdOf(WORKER), ...deps })
  return {
    url: broker.url,
    port: Number(new URL(broker.url).port),
    marksRepeats: false,
    clients: () => broker.clients,
    [Symbol.asyncDispose]: () => broker.stop(),
  }
}

describe('the embedded broker', { timeout: 120_000 }, () => {
  mqttContract('3.1.1', () => embedded())

  test('a device is answered after its reading is stored, and not before', async () => {
    await using broker = await embedded()
    await using meter = await device(broker.url, '3.1.1')
    const sink = testSink()
    await using worker = startWorker({
      settings: { url: broker.url, version: '3.1.1' },
      sensors: [one],
      sink,
    })
    const answered: number[] = []
    const say = (n: number) => meter.say('sensors/a1', timed(n)).then(() => answered.push(n))
    const early = say(0) // perhaps before the worker is there
    await worker.ready()
    await early
    expect(sink.values()).toEqual(['a1 0'])

    const release = sink.hold()
    const held = [say(1), say(2)]
    await waitUntil('it is being stored', () => sink.calls === 2, WITHIN)
    await using other = await device(broker.url, '3.1.1')
    await other.say('nobody/asks', timed(3)) // what concerns nobody waits for nobody
    expect(answered).toEqual([0])
    release()
    await Promise.all(held)
    expect(sink.values()).toEqual(['a1 0', 'a1 1', 'a1 2'])
  })

  test('while the worker is away nobody who concerns it is answered; then everybody is', async () => {
    await using broker = await embedded()
    await using meter = await device(broker.url, '3.1.1')
    const settings = { url: broker.url, version: '3.1.1' as const }
    const sink = testSink()
    {
      await using worker = startWorker({ settings, sensors: [one], sink })
      await worker.ready()
    }
    await waitUntil('the worker has gone', () => broker.clients() === 1, WITHIN)
    const answered: string[] = []
    const said = ['sensors/a1', 'nobody/asks'].map((topic) =>
      meter.say(topic, timed(1)).then(() => answered.push(topic)),
    )
    await using other = await device(broker.url, '3.1.1')
    await other.say('nobody/asks', timed(2), { qos: 0 }) // the broker itself is not held up
    expect(answered).toEqual([])
    await using worker = startWorker({ settings, sensors: [one], sink })
    await worker.ready()
    await Promise.all(said)
    expect(sink.values()).toEqual(['a1 1'])
  })

  test('after a restart of the broker the session is gone: an alarm, every topic again, and readings go on', async () => {
    const first = await embedded()
    const sink = testSink()
    await using worker = startWorker({
      settings: { url: first.url, version: '3.1.1' },
      ...{ sensors: [one], sink },
    })
    await worker.ready()
    await first[Symbol.asyncDispose]()
    await waitUntil('the break is noticed', () => !worker.mqtt.facts().connected, WITHIN)
    await using broker = await embedded({ port: first.port })
    await waitUntil('the loss is known', () => worker.mqtt.facts().sessionLost?.times === 1, WITHIN)
    await worker.ready()
    await using meter = await device(broker.url, '3.1.1')
    await meter.say('sensors/a1', timed(1))
    expect(sink.values()).toEqual(['a1 1'])
  })

  test('a packet that is too large costs its sender the connection, and nobody else', async () => {
    await using broker = await embedded({ maxPacketBytes: 100_000 })
    await using meter = await device(broker.url, '3.1.1')
    const sink = testSink()
    await using worker = startWorker({
      settings: { url: broker.url, version: '3.1.1' },
      sensors: [one],
      sink,
    })
    await worker.ready()
    const socket = connect(broker.port, '127.0.0.1')
    socket.on('error', () => undefined)
    // CONNECT, as long as the protocol allows; its header alone is enough.
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]))
    await once(socket, 'close')
    await meter.say('sensors/a1', timed(1))
    expect(sink.values()).toEqual(['a1 1'])
    expect(worker.mqtt.facts().connected).toBe(true)
  })

  test('bytes that are no MQTT, and a device too many, are turned away', async () => {
    await using broker = await embedded({ maxClients: 2 })
    const closed = async (bytes: Buffer) => {
      const socket = connect(broker.port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write(bytes)
      await once(socket, 'close')
    }
    await closed(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
    await using one = await device(broker.url, '3.1.1')
    await using two = await device(broker.url, '3.1.1')
    await closed(Buffer.alloc(0))
    expect([one, two].map(({ client }) => client.connected)).toEqual([true, true])
  })

  test('it keeps nothing for a client that went away, and only so much of what is retained', async () => {
    await using broker = await embedded()
    await using worker = startWorker({
      settings: { url: broker.url, version: '3.1.1' },
      ...{ sensors: [one], sink: testSink() },
    })
    await worker.ready()
    await using meter = await device(broker.url, '3.1.1')
    const options = { clientId: 'somebody', clean: false, protocolVersion: 4 } as const
    const client = await connectAsync(broker.url, options)
    await client.subscribeAsync('hall/#', { qos: 1 })
    await client.endAsync()
    await meter.say('hall/1', 'while it was away')
    const again = await connectAsync(broker.url, options)
    const heard: string[] = []
    again.on('message', (topic) => void heard.push(topic))
    await again.subscribeAsync('hall/#', { qos: 1 })
    await meter.say('hall/2', 'now')
    await waitUntil('it hears what comes now', () => heard.length > 0, WITHIN)
    expect(heard).toEqual(['hall/2'])
    await again.endAsync()

    const greedy = await connectAsync(broker.url, { protocolVersion: 4, reconnectPeriod: 0 })
    greedy.on('error', () => undefined)
    const cut = new Promise<void>((resolve) => greedy.once('close', () => resolve()))
    greedy.publish('hall/3', Buffer.alloc(20_000, 'x'), { qos: 0, retain: true })
    await cut
    expect(worker.mqtt.facts().connected).toBe(true)
  })

  test('a door with a lock: who has the password comes in', async () => {
    const authenticate = (name: string | null, password: string | null) =>
      name === 'eyes' && password === 'right'
    await using broker = await embedded({ authenticate })
    const settings = { url: broker.url, version: '3.1.1' as const, username: 'eyes' }
    await using wrong = startWorker({
      settings: { ...settings, password: 'wrong' },
      ...{ sensors: [one], sink: testSink(), worker: 'other' },
    })
    await waitUntil('it is refused', () => /not authorized/i.test(wrong.mqtt.facts().problem ?? ''), WITHIN)
    await using right = startWorker({
      settings: { ...settings, password: 'right' },
      ...{ sensors: [one], sink: testSink() },
    })
    await right.ready()
  })

  test('a worker that speaks MQTT 5 to it hears what is wrong', async () => {
    await using broker = await embedded()
    await using worker = startWorker({
      settings: { url: broker.url, version: '5' },
      ...{ sensors: [one], sink: testSink() },
    })
    await waitUntil(
      'the problem is named',
      () => /unacceptable protocol version/i.test(worker.mqtt.facts().problem ?? ''),
      WITHIN,
    )
  })

  test('a port that is taken is named', async () => {
    await using broker = await embedded()
    await expect(embedded({ port: broker.port })).rejects.toMatchObject({
      code: 'port_taken',
      message: expect.stringContaining(String(broker.port)),
    })
  })
})
