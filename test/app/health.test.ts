import { expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import type { BusConsumer } from '../../adapters/kafka/consumer.ts'
import type { SwitchingTransport } from '../../adapters/transport/switching.ts'
import { atMostEvery, down, source, well } from '../../app/health/part.ts'
import {
  clockHealth,
  consumerHealth,
  readHealth,
  sensingHealth,
  spoolHealth,
  transportHealth,
} from '../../app/health.ts'
import { healthShape } from '../../core/api/shapes.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Spool } from '../../ingest/spool/spool.ts'
import { manualClock } from '../support/manual-clock.ts'

const NOW = Date.UTC(2026, 2, 1, 8)
const read = (...sources: Parameters<typeof readHealth>[0]) =>
  readHealth(sources, { ready: true, clock: systemClock })

test('parts say what they are, and the whole is as bad as its worst', async () => {
  const fine = source('a', () => [well('a', 'works', { n: 1 })])
  expect(await read(fine)).toMatchObject({
    status: 'ok',
    parts: [{ name: 'a', status: 'ok', code: 'ok', detail: 'works', facts: { n: 1 } }],
  })
  const broken = source('b', async () => [down('b', 'away', 'gone')])
  const health = await read(fine, broken)
  expect(health.status).toBe('degraded')
  expect(healthShape.parse(health)).toEqual(health)
  const starting = await readHealth([fine], { ready: false, clock: systemClock })
  expect(starting.status).toBe('starting')
})

test('a part that fails is down with its reason, and the others are still told', async () => {
  const failing = source('b', () => {
    throw new SharpEyesError('database_unavailable', 'no connection')
  })
  expect(
    (
      await read(
        failing,
        source('a', () => [well('a', 'works')]),
      )
    ).parts,
  ).toEqual([
    { name: 'b', status: 'down', code: 'failed', detail: 'no connection' },
    { name: 'a', status: 'ok', code: 'ok', detail: 'works' },
  ])
})

test('a part that hangs is down after two seconds, and is asked once however often people look', async () => {
  const clock = manualClock(NOW)
  const answer = Promise.withResolvers<[]>()
  let asked = 0
  const hanging = source('database', () => {
    asked += 1
    return answer.promise
  })
  const looks = [1, 2, 3].map(() => readHealth([hanging], { ready: true, clock }))
  await new Promise((done) => setImmediate(done))
  clock.advance(2_000)
  for (const { parts } of await Promise.all(looks))
    expect(parts).toEqual([
      { name: 'database', status: 'down', code: 'no_answer', detail: 'no answer within 2 s' },
    ])
  expect(asked).toBe(1)
  answer.resolve([])
  await answer.promise
  await new Promise((done) => setImmediate(done))
  await readHealth([hanging], { ready: true, clock })
  expect(asked).toBe(2)
})

test('what is dear to ask is asked at most so often; a failure is asked again', async () => {
  const clock = manualClock(NOW)
  let asked = 0
  const dear = atMostEvery(
    10_000,
    source('kafka', () => {
      asked += 1
      if (asked === 3) throw new Error('away')
      return [well('kafka', `answer ${asked}`)]
    }),
    clock,
  )
  const detail = async () => (await readHealth([dear], { ready: true, clock })).parts[0]?.detail
  expect([await detail(), await detail()]).toEqual(['answer 1', 'answer 1'])
  clock.advance(10_000)
  expect(await detail()).toBe('answer 2')
  clock.advance(10_000)
  expect(await detail()).toBe('away')
  expect(await detail()).toBe('answer 4')
})

const spool = (facts: object, state = 'ok') =>
  ({
    state,
    facts: { records: 0, bytes: 0, oldestAt: null, state, ...facts },
    readings: { facts: { records: 0, bytes: 0, oldestAt: null, state: 'ok' } },
  }) as unknown as Spool

test.each([
  ['empty', {}, 'ok', 'ok', 'ok'],
  ['filled a moment ago', { records: 3, oldestAt: NOW - 1_000 }, 'ok', 'ok', 'ok'],
  ['waiting for minutes', { records: 3, oldestAt: NOW - 300_000 }, 'ok', 'degraded', 'waiting'],
  ['full', { records: 9, oldestAt: NOW - 1_000 }, 'full', 'degraded', 'full'],
  ['broken', {}, 'failed', 'down', 'failed'],
] as const)('a spool that is %s', async (_, facts, state, status, code) => {
  const { parts } = await read(spoolHealth(spool(facts, state), manualClock(NOW)))
  expect(parts[0]).toMatchObject({ name: 'spool', status, code })
  expect(parts[1]).toMatchObject({ name: 'spool of readings', status: 'ok' })
})

test('the way of events, the consumers and the clock tell the truth', async () => {
  const switching = { state: () => ({ way: 'direct', since: NOW, error: 'refused' }) } as SwitchingTransport
  expect((await read(transportHealth(switching))).parts).toMatchObject([
    {
      name: 'transport',
      status: 'degraded',
      code: 'kafka_away',
      facts: { since: '2026-03-01T08:00:00.000Z' },
    },
  ])
  const state = { topic: 'hazard.events.v1', since: NOW, error: null, partitions: 12, restarts: 0 } as const
  const consumer = (of: string, lag: number | null) =>
    ({ state: () => [{ ...state, state: of }], lagSeconds: () => lag }) as unknown as BusConsumer
  expect((await read(consumerHealth(null))).parts).toEqual([])
  const parts = await read(
    consumerHealth(consumer('reading', 0)),
    consumerHealth(consumer('reading', 300)),
    consumerHealth(consumer('waiting', null)),
  )
  expect(parts.parts.map(({ status, code }) => [status, code])).toEqual([
    ['ok', 'ok'],
    ['degraded', 'behind'],
    ['degraded', 'waiting'],
  ])
  const clocks = await read(
    clockHealth({ skew: { ms: 40, errorMs: 5 } }),
    clockHealth({ skew: { ms: -61_000, errorMs: 30 } }),
    clockHealth({ skew: { ms: 2_500, errorMs: 900 } }),
    clockHealth({ skew: null }),
  )
  expect(clocks.parts.map(({ code }) => code)).toEqual(['ok', 'wrong', 'ok', 'not_measured'])
  expect(clocks.parts.map(({ facts }) => facts?.cause)).toEqual([undefined, 'behind', undefined, undefined])
  expect(clocks.parts[1]).toMatchObject({
    detail: expect.stringMatching(/^61000 ms behind the pages/),
    facts: { ms: 61_000 },
  })
})

test('the input of MQTT names the sensors whose data cannot be read, and a lost session, for a while', async () => {
  const facts = {
    ...{
      connected: true,
      since: NOW,
      problem: null,
      clientId: 'c',
      subscribed: true,
      readings: 3,
      pending: 0,
    },
    ...{ refused: null, unsubscribed: new Map<string, string>() },
  }
  const sensor = (id: string, at: number | null) => ({
    ...{ sensor: id, lastMessageAt: NOW, readings: 1, rejected: 1, skewed: 0, status: null },
    lastRejection: at === null ? null : { at, reason: 'neither a number nor JSON' },
  })
  const part = async (more: object) => {
    const mqtt = {
      facts: () => ({ ...facts, sessionLost: null, sensors: [], ...more }),
      ended: Promise.resolve(),
    }
    const health = sensingHealth({ problem: null, mqtt, hj212: null }, manualClock(NOW))
    return (await read(health)).parts[0]
  }
  expect(await part({})).toMatchObject({ name: 'mqtt', code: 'ok' })
  const sensors = [sensor('a', NOW - 1_000), sensor('b', NOW - 3_600_000), sensor('c', null)]
  expect(await part({ sensors })).toMatchObject({
    status: 'degraded',
    code: 'rejected',
    detail: expect.stringContaining('a (neither a number nor JSON)'),
    facts: { sensors: 'a' },
  })
  const lost = (at: number) => ({ sessionLost: { times: 2, at } })
  expect(await part(lost(NOW - 60_000))).toMatchObject({ code: 'session_lost', facts: { times: 2 } })
  expect(await part(lost(NOW - 7_200_000))).toMatchObject({
    code: 'ok',
    detail: expect.stringContaining('2 times'),
  })
})
