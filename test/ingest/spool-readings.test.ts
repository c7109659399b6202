import { expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import type { EventTransport } from '../../core/ports/messages.ts'
import { SENSOR_READINGS_TYPE } from '../../core/reading.ts'
import type { InboundMessage } from '../../core/topics.ts'
import { drainOnce, runDrain } from '../../ingest/spool/drain.ts'
import { openSpool, type Spool, type SpoolDeps } from '../../ingest/spool/spool.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { readingsMessage } from './spool-fixture.ts'

const open = (folder: string, extra: Partial<SpoolDeps> = {}) =>
  openSpool({
    ...{ folder, log: silentLog, metrics: recordingMetrics(), clock: systemClock },
    limits: { ballastBytes: 4_096 },
    ...extra,
  })
const many = (device: string, count: number) =>
  Array.from({ length: count }, (_, n) => readingsMessage(device, n))
const start = () => hazardMessage(hazardEvent(), { kind: 'start', seq: 1 })
const taken = async (spool: Spool) => (await spool.readings.take(10_000)).map((item) => item.message)

test('readings are there after the spool is opened again, in order, until they are removed', async () => {
  await using folder = await tempFolder()
  const messages = many('pm-1', 50)
  {
    await using spool = await open(folder.path)
    await spool.readings.append(messages.slice(0, 20))
    await spool.readings.append(messages.slice(20))
  }
  await using spool = await open(folder.path)
  expect(await taken(spool)).toEqual(messages)
  expect(spool.facts).toMatchObject({ records: 0, readings: { records: 50, state: 'ok' } })
  const first = await spool.readings.take(20)
  await spool.readings.remove(first.map((item) => item.id))
  expect(await taken(spool)).toEqual(messages.slice(20))
  expect(spool.readings.facts.bytes).toBe(
    messages.slice(20).reduce((sum, one) => sum + Buffer.byteLength(JSON.stringify(one)), 0),
  )
})

test('a message that waits already is one record, also within one batch', async () => {
  await using folder = await tempFolder()
  const metrics = recordingMetrics()
  await using spool = await open(folder.path, { metrics })
  const [one, two] = many('pm-1', 2)
  if (!one || !two) throw new Error('no messages')
  await spool.readings.append([one, two, one])
  // The same content that another worker got is the same message.
  await Promise.all([
    spool.readings.append([one]),
    spool.readings.append([readingsMessage('pm-1', 1, 'other')]),
  ])
  expect(spool.facts.readings.records).toBe(2)
  expect(metrics.counts.get('spool_readings_repeated_total{}')).toBe(3)
  expect(metrics.counts.get('spool_readings_appended_total{}')).toBe(2)
})

test('a flood of readings fills its own share, is refused whole, and leaves events alone', async () => {
  await using folder = await tempFolder()
  const states: string[] = []
  const metrics = recordingMetrics()
  const size = Buffer.byteLength(JSON.stringify(readingsMessage('pm-1', 100)))
  await using spool = await open(folder.path, {
    metrics,
    limits: { ballastBytes: 4_096, readingsBytes: 100 * size },
    onReadingsState: (state) => void states.push(state),
  })
  await spool.readings.append(many('pm-1', 95))
  await expect(spool.readings.append(many('pm-2', 10))).rejects.toMatchObject({ code: 'spool_full' })
  expect(spool.readings.facts).toMatchObject({ records: 95, state: 'full' })
  expect(metrics.counts.get('spool_readings_refused_total{code=spool_full}')).toBe(10)
  // A single one would fit; but until a tenth is free, the share stays closed.
  await expect(spool.readings.append([readingsMessage('pm-2', 1)])).rejects.toMatchObject({
    code: 'spool_full',
  })

  const event = hazardEvent()
  await spool.append(hazardMessage(event, { kind: 'start', seq: 1 }))
  await spool.append(hazardMessage(event, { kind: 'update', seq: 2 }))
  await spool.append(hazardMessage(event, { kind: 'end', seq: 3 }))
  expect(spool.state).toBe('ok')
  expect(spool.facts.records).toBe(3)

  const some = await spool.readings.take(10)
  await spool.readings.remove(some.map((item) => item.id))
  await spool.readings.append([readingsMessage('pm-2', 1)])
  expect(states).toEqual(['full', 'ok'])
})

test('many appends of both kinds at once: all are kept', async () => {
  await using folder = await tempFolder()
  await using spool = await open(folder.path)
  const flood = Array.from({ length: 40 }, (_, device) => spool.readings.append(many(`pm-${device}`, 250)))
  await Promise.all([...flood, spool.append(start())])
  expect(spool.facts).toMatchObject({ records: 1, readings: { records: 10_000 } })
})

test('one take is bounded in bytes, and gives one message at least', async () => {
  await using folder = await tempFolder()
  await using spool = await open(folder.path)
  await spool.readings.append(many('pm-1', 3_000))
  const batch = await spool.readings.take(3_000)
  const bytes = batch.reduce((sum, { message }) => sum + Buffer.byteLength(JSON.stringify(message)), 0)
  expect(bytes).toBeLessThanOrEqual(512 * 1_024)
  expect(batch.length).toBeGreaterThan(500)
})

// ---- drain ----

const kindOf = (message: InboundMessage) => (message.type === SENSOR_READINGS_TYPE ? 'readings' : 'event')

test('a drain sends events before readings and never mixes them in one batch', async () => {
  await using folder = await tempFolder()
  await using spool = await open(folder.path)
  await spool.readings.append(many('pm-1', 30))
  for (let n = 0; n < 3; n += 1) await spool.append(start())
  const batches: string[][] = []
  const transport: EventTransport = {
    send: async (messages) => void batches.push(messages.map(kindOf)),
  }
  const deps = { spool, transport, clock: systemClock, log: silentLog, metrics: recordingMetrics() }
  while ((await drainOnce({ ...deps, batch: 20 })) > 0);
  expect(batches).toEqual([Array(3).fill('event'), Array(20).fill('readings'), Array(10).fill('readings')])
  expect(spool.facts).toMatchObject({ records: 0, readings: { records: 0 } })
})

test('a batch of readings that hangs or is refused holds up no event', async () => {
  await using folder = await tempFolder()
  await using spool = await open(folder.path)
  const stop = new AbortController()
  const hanging = Promise.withResolvers<void>()
  const reached = { readings: Promise.withResolvers<void>(), events: Promise.withResolvers<void>() }
  const sent: string[] = []
  let refusals = 1
  const transport: EventTransport = {
    async send(messages) {
      const [first] = messages
      if (first && kindOf(first) === 'readings') {
        reached.readings.resolve()
        await hanging.promise
        if (refusals-- > 0) throw new Error('not now')
      }
      sent.push(...messages.map(kindOf))
      if (sent.filter((kind) => kind === 'event').length === 2) reached.events.resolve()
    },
  }
  await spool.readings.append(many('pm-1', 5))
  const running = runDrain({
    ...{ spool, transport, clock: systemClock, log: silentLog, metrics: recordingMetrics() },
    signal: stop.signal,
  })
  await reached.readings.promise
  await spool.append(start())
  await spool.append(start())
  await reached.events.promise
  expect(sent).toEqual(['event', 'event'])

  hanging.resolve()
  while (spool.readings.facts.records > 0) await new Promise((resolve) => setTimeout(resolve, 10))
  stop.abort()
  await running
  expect(sent).toEqual(['event', 'event', ...Array(5).fill('readings')])
})

test('a backlog of both: every event leaves before the first reading', async () => {
  await using folder = await tempFolder()
  await using spool = await open(folder.path)
  const stop = new AbortController()
  const sent: string[] = []
  const done = Promise.withResolvers<void>()
  const transport: EventTransport = {
    async send(messages) {
      sent.push(...messages.map(kindOf))
      if (sent.length === 60) done.resolve()
    },
  }
  await spool.readings.append(many('pm-1', 30))
  for (let n = 0; n < 30; n += 1) await spool.append(start())
  const running = runDrain({
    ...{ spool, transport, clock: systemClock, log: silentLog, metrics: recordingMetrics() },
    signal: stop.signal,
    batch: 10,
  })
  await done.promise
  stop.abort()
  await running
  expect(sent).toEqual([...Array(30).fill('event'), ...Array(30).fill('readings')])
})

test('readings leave also where events come without a pause', async () => {
  await using folder = await tempFolder()
  await using spool = await open(folder.path)
  const stop = new AbortController()
  const sent: string[] = []
  const left = Promise.withResolvers<void>()
  const transport: EventTransport = {
    async send(messages) {
      sent.push(...messages.map(kindOf))
      if (sent.at(-1) === 'readings') return left.resolve()
      await spool.append(start()) // the next one is there before this one has left
    },
  }
  await spool.readings.append(many('pm-1', 5))
  await spool.append(start())
  const running = runDrain({
    ...{ spool, transport, log: silentLog, metrics: recordingMetrics() },
    clock: { now: systemClock.now, sleep: (ms, signal) => systemClock.sleep(ms / 20, signal) },
    signal: stop.signal,
  })
  await left.promise
  stop.abort()
  await running
  expect(sent[0]).toBe('event')
})
