import { expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import type { HazardMessage } from '../../core/event.ts'
import type { EventTransport } from '../../core/ports/messages.ts'
import { drainOnce, runDrain } from '../../ingest/spool/drain.ts'
import { openSpool, type Spool, type SpoolDeps, type SpoolState } from '../../ingest/spool/spool.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { tempFolder } from '../support/temp-folder.ts'

const open = (folder: string, extra: Partial<SpoolDeps> = {}) =>
  openSpool({
    folder,
    log: silentLog,
    metrics: recordingMetrics(),
    clock: systemClock,
    limits: { ballastBytes: 4_096 },
    ...extra,
  })
const ids = async (spool: Spool) => (await spool.take(1_000)).map((item) => item.message.id)
const place = (message: HazardMessage) => `${message.data.kind} ${message.data.epoch}.${message.data.seq}`

test('what was appended is there after the spool is opened again, until it is removed', async () => {
  await using folder = await tempFolder()
  const event = hazardEvent()
  const messages = [
    hazardMessage(event, { kind: 'start', seq: 1 }),
    hazardMessage(event, { kind: 'end', seq: 2 }),
  ]
  {
    await using spool = await open(folder.path)
    for (const message of messages) await spool.append(message)
    expect(spool.facts).toMatchObject({ records: 2, state: 'ok' })
  }
  await using spool = await open(folder.path)
  const taken = await spool.take(10)
  expect(taken.map((item) => item.message)).toEqual(messages)
  expect(spool.facts.bytes).toBe(
    messages.reduce((sum, one) => sum + Buffer.byteLength(JSON.stringify(one)), 0),
  )
  await spool.remove(taken.map((item) => item.id))
  expect(await spool.take(10)).toEqual([])
  expect(spool.facts).toMatchObject({ records: 0, bytes: 0, oldestAt: null })
})

test('start, latest update and end of an event are kept, older updates make way', async () => {
  await using folder = await tempFolder()
  await using spool = await open(folder.path)
  const [one, other] = [hazardEvent(), hazardEvent()]
  await spool.append(hazardMessage(one, { kind: 'start', seq: 1 }))
  await spool.append(hazardMessage(other, { kind: 'update', seq: 7 }))
  for (const seq of [2, 3, 4]) await spool.append(hazardMessage(one, { kind: 'update', seq }))
  await spool.append(hazardMessage(one, { kind: 'update', epoch: 2, seq: 1 }))
  await spool.append(hazardMessage(one, { kind: 'end', epoch: 2, seq: 2 }))
  const kept = (await spool.take(10)).map((item) => item.message)
  expect(kept.filter((message) => message.subject === one.id).map(place)).toEqual([
    'start 1.1',
    'update 2.1',
    'end 2.2',
  ])
  expect(kept).toHaveLength(4)
})

test('severity 1 leaves first, then the oldest', async () => {
  await using folder = await tempFolder()
  await using spool = await open(folder.path)
  const events = ([3, 2, 1, 4, 1] as const).map((severity) => hazardEvent({ severity }))
  for (const event of events) await spool.append(hazardMessage(event, { kind: 'start', seq: 1 }))
  expect(await ids(spool)).toEqual([2, 4, 1, 0, 3].map((index) => `${events[index]?.id}/1.1`))
})

test('the same message again is the same record', async () => {
  await using folder = await tempFolder()
  await using spool = await open(folder.path)
  const message = hazardMessage(hazardEvent(), { kind: 'start', seq: 1 })
  await Promise.all([spool.append(message), spool.append(message)])
  expect(spool.facts.records).toBe(1)
})

test('a full spool refuses updates, takes starts and ends, alarms, and recovers', async () => {
  await using folder = await tempFolder()
  const states: SpoolState[] = []
  const metrics = recordingMetrics()
  const size = JSON.stringify(hazardMessage(hazardEvent(), { kind: 'start', seq: 1 })).length
  await using spool = await open(folder.path, {
    metrics,
    limits: { maxBytes: 10 * size, ballastBytes: 4_096 },
    onState: (state) => void states.push(state),
  })
  const events = Array.from({ length: 11 }, () => hazardEvent())
  for (const event of events) await spool.append(hazardMessage(event, { kind: 'start', seq: 1 }))
  const [first] = events
  if (!first) throw new Error('no event')
  await expect(spool.append(hazardMessage(first, { kind: 'update', seq: 2 }))).rejects.toMatchObject({
    code: 'spool_full',
  })
  await spool.append(hazardMessage(first, { kind: 'end', seq: 3 }))
  await spool.append(hazardMessage(hazardEvent(), { kind: 'start', seq: 1 }))
  expect(spool.facts.records).toBe(13)
  expect(states).toEqual(['full'])
  expect(metrics.counts.get('spool_refused_total{kind=update,code=spool_full}')).toBe(1)

  const taken = await spool.take(6)
  await spool.remove(taken.map((item) => item.id))
  expect(spool.state).toBe('ok')
  expect(states).toEqual(['full', 'ok'])
  await spool.append(hazardMessage(hazardEvent(), { kind: 'update', seq: 2 }))
})

test('many appends at once share commits and all of them hold', async () => {
  await using folder = await tempFolder()
  const events = Array.from({ length: 500 }, () => hazardEvent())
  {
    await using spool = await open(folder.path)
    await Promise.all(events.map((event) => spool.append(hazardMessage(event, { kind: 'start', seq: 1 }))))
  }
  await using spool = await open(folder.path)
  expect(new Set(await ids(spool))).toEqual(new Set(events.map((event) => `${event.id}/1.1`)))
})

test('a second process on the same folder is told so', async () => {
  await using folder = await tempFolder()
  await using spool = await open(folder.path)
  await spool.append(hazardMessage(hazardEvent(), { kind: 'start', seq: 1 }))
  await expect(open(folder.path)).rejects.toThrow(/locked.*no other worker uses it/)
  await spool.append(hazardMessage(hazardEvent(), { kind: 'start', seq: 1 }))
  expect(spool.facts.records).toBe(2)
})

// ---- drain ----

const draining = (spool: Spool, transport: EventTransport, signal: AbortSignal) => ({
  spool,
  transport,
  clock: systemClock,
  log: silentLog,
  metrics: recordingMetrics(),
  signal,
})

test('a record is removed only after the other side has it', async () => {
  await using folder = await tempFolder()
  await using spool = await open(folder.path)
  await spool.append(hazardMessage(hazardEvent(), { kind: 'start', seq: 1 }))
  const away: EventTransport = { send: () => Promise.reject(new Error('away')) }
  const { signal: _, ...deps } = draining(spool, away, new AbortController().signal)
  await expect(drainOnce(deps)).rejects.toThrow('away')
  expect(spool.facts.records).toBe(1)

  let during = 0
  const there: EventTransport = {
    send: async () => {
      during = (await spool.take(10)).length
    },
  }
  expect(await drainOnce({ ...deps, transport: there })).toBe(1)
  expect(during).toBe(1)
  expect(await spool.take(10)).toEqual([])
})

test('a running drain outlives failures, sends what comes later, and ends when asked', async () => {
  await using folder = await tempFolder()
  await using spool = await open(folder.path)
  const stop = new AbortController()
  const sent: string[] = []
  let failures = 2
  let wanted = { count: 2, reached: Promise.withResolvers<void>() }
  const transport: EventTransport = {
    async send(messages) {
      if (failures-- > 0) throw new Error('away')
      sent.push(...messages.map((message) => message.id))
      if (sent.length >= wanted.count) wanted.reached.resolve()
    },
  }
  const events = Array.from({ length: 3 }, () => hazardEvent())
  const append = (index: number) =>
    spool.append(hazardMessage(events[index] ?? hazardEvent(), { kind: 'start', seq: 1 }))
  await append(0)
  await append(1)
  const running = runDrain(draining(spool, transport, stop.signal))
  await wanted.reached.promise
  wanted = { count: 3, reached: Promise.withResolvers<void>() }
  await append(2)
  await wanted.reached.promise
  stop.abort()
  await running
  expect(sent).toEqual(events.map((event) => `${event.id}/1.1`))
})
