import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import type { AlertFacts } from '../../alerts/hooks.ts'
import { createInbox, type InboxDeps } from '../../alerts/inbox/inbox.ts'
import type { HazardEvent, HazardMessage } from '../../core/event.ts'
import type { Database } from '../../core/ports/database.ts'
import { hazardEvent, hazardMessage, TEST_TIME } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())
afterEach(async () => {
  await database.query(`truncate inbox, events, event_state, alerts, evidence, picture_requests, changes, dead_letters,
    config_objects cascade`)
})

const inbox = (extra: Partial<InboxDeps> = {}) =>
  createInbox({ database, clock: systemClock, log: silentLog, metrics: recordingMetrics(), ...extra })

const rows = async <R = Record<string, unknown>>(sql: string, on: Database = database) =>
  (await on.query<R>(sql)).rows
const count = async (table: string) =>
  Number((await rows<{ n: string }>(`select count(*) as n from ${table}`))[0]?.n)

const sha = (digit: string) => digit.repeat(64)
const picture = (digit: string) => ({
  sha256: sha(digit),
  bytes: 1_000,
  mediaType: 'image/jpeg',
  width: 640,
  height: 360,
})

test('a start makes event, state, alert, evidence, clip request and change in one go', async () => {
  await database.query(
    `insert into config_objects (kind, id, managed_by, version, body) values
       ('city', 'city', 'file', 1, '{"name":"x","timezone":"Asia/Shanghai","datum":"GCJ-02"}'),
       ('camera', 'cam-1', 'file', 1,
        '{"purpose":"public_safety","place":{"lon":114.48,"lat":38.03,"address":"学府路 1 号"}}')`,
  )
  const event = hazardEvent({
    still: { masked: picture('a'), original: picture('b'), capturedAt: TEST_TIME, method: 'frame@1' },
  })
  const metrics = recordingMetrics()
  const opened: AlertFacts[] = []
  const target = inbox({ metrics, onAlertOpened: (alert) => void opened.push(alert) })
  await target.receive([hazardMessage(event, { kind: 'start', seq: 1, at: 0 })])

  const [alert] = await rows('select * from alerts')
  expect(alert).toMatchObject({
    source_id: 'cam-1',
    type: 'object_left',
    state: 'firing',
    severity: 3,
    occurrences: 1,
    lost: false,
    purpose: 'public_safety',
    place: { lon: 114.48, lat: 38.03, address: '学府路 1 号', datum: 'GCJ-02' },
    event_id: event.id,
    started_at: new Date(TEST_TIME),
    version: 1,
  })
  expect(await rows('select event_id, epoch, seq, kind from events')).toEqual([
    { event_id: event.id, epoch: '1', seq: '1', kind: 'start' },
  ])
  expect(await rows('select variant, sha256, owner_id from evidence order by variant')).toEqual([
    { variant: 'masked', sha256: sha('a'), owner_id: alert?.id },
    { variant: 'original', sha256: sha('b'), owner_id: alert?.id },
  ])
  expect(await rows('select pin_id, camera, kind, worker, state from picture_requests')).toEqual([
    { pin_id: event.id, camera: 'cam-1', kind: 'clip', worker: 'worker-1', state: 'waiting' },
  ])
  expect(await rows("select topic, key, payload ->> 'kind' as kind from changes")).toEqual([
    { topic: 'alert', key: alert?.id, kind: 'opened' },
  ])
  expect(metrics.counts.get('alerts_opened_total{type=object_left,severity=3}')).toBe(1)
  expect(opened).toMatchObject([{ id: alert?.id, purpose: 'public_safety' }])
})

test('an unconfigured source has neither purpose nor place', async () => {
  await inbox().receive([hazardMessage(hazardEvent(), { kind: 'start', seq: 1 })])
  expect(await rows('select purpose, place from alerts')).toEqual([{ purpose: null, place: null }])
})

test('a camera that is away has no clip to ask for', async () => {
  const event = hazardEvent({ type: 'camera_offline', zone: null, rule: { id: 'offline', version: '1' } })
  await inbox().receive([hazardMessage(event, { kind: 'start', seq: 1 })])
  expect(await count('alerts')).toBe(1)
  expect(await count('picture_requests')).toBe(0)
})

test('a message delivered again changes nothing', async () => {
  const message = hazardMessage(hazardEvent(), { kind: 'start', seq: 1 })
  await inbox().receive([message, message])
  await inbox().receive([message])
  expect(await count('events')).toBe(1)
  expect(await count('changes')).toBe(1)
  expect(await rows('select version, occurrences from alerts')).toEqual([{ version: 1, occurrences: 1 }])
})

test('an end resolves; the next event of the same matter opens a new alert', async () => {
  const first = hazardEvent()
  await inbox().receive([
    hazardMessage(first, { kind: 'start', seq: 1 }),
    hazardMessage(first, { kind: 'end', seq: 2 }),
    hazardMessage(hazardEvent({ startedAt: TEST_TIME + 60_000 }), { kind: 'start', seq: 1 }),
  ])
  expect(await rows('select state, resolved_at from alerts order by started_at')).toEqual([
    { state: 'resolved', resolved_at: new Date(TEST_TIME + 2_000) },
    { state: 'firing', resolved_at: null },
  ])
})

test('an adopted event: the old holder is recorded, not applied', async () => {
  const event = hazardEvent()
  await inbox().receive([hazardMessage(event, { kind: 'start', seq: 1 })])
  await inbox().receive([hazardMessage(event, { kind: 'update', epoch: 2, seq: 1, at: 40_000 })])
  await inbox().receive([hazardMessage(event, { kind: 'end', epoch: 1, seq: 2, at: 30_000 })])
  expect(await rows('select outcome from inbox order by received_at')).toEqual([
    { outcome: 'applied' },
    { outcome: 'applied' },
    { outcome: 'recorded' },
  ])
  expect(await rows('select epoch, seq, ended from event_state')).toEqual([
    { epoch: '2', seq: '1', ended: false },
  ])
  expect(await rows('select state from alerts')).toEqual([{ state: 'firing' }])
  expect(await count('events')).toBe(3)
})

test('a bad message goes to the dead letters with its bytes, the rest of its batch commits', async () => {
  const nul = hazardMessage(hazardEvent({ zone: 'ga\0te' }), { kind: 'start', seq: 1 })
  const noSchema = { ...hazardMessage(hazardEvent(), { kind: 'start', seq: 1 }), specversion: '0.3' }
  const wrongId = { ...hazardMessage(hazardEvent(), { kind: 'start', seq: 1 }), id: 'another/1.1' }
  const farAway = hazardMessage(hazardEvent({ since: 9e15, zone: 'elsewhere' }), { kind: 'start', seq: 1 })
  const bytes = Buffer.from('{"not json')
  const good = Array.from({ length: 20 }, (_, n) =>
    hazardMessage(hazardEvent({ source: { kind: 'camera', id: `cam-${n}` } }), { kind: 'start', seq: 1 }),
  )
  const batch: unknown[] = [...good]
  batch.splice(3, 0, nul, noSchema)
  batch.splice(11, 0, bytes, wrongId, farAway)
  const metrics = recordingMetrics()
  await inbox({ metrics }).receive(batch)
  expect(await count('alerts')).toBe(20)

  const letters = await rows<{ bytes: Buffer; error: string }>('select bytes, error from dead_letters')
  const byBytes = new Map(letters.map((row) => [row.bytes.toString(), row.error]))
  expect(byBytes.size).toBe(5)
  expect(byBytes.get(JSON.stringify(nul))).toMatch(/\\u0000/)
  expect(byBytes.get(JSON.stringify(noSchema))).toMatch(/specversion/)
  expect(byBytes.get(JSON.stringify(wrongId))).toMatch(/<eventId>\/<epoch>\.<seq>/)
  expect(byBytes.get(JSON.stringify(farAway))).toMatch(/Invalid time value/)
  expect(byBytes.get('{"not json')).toMatch(/not JSON/)
  expect(metrics.counts.get('dead_letters_total{topic=hazard.events.v1}')).toBe(5)

  // Delivered again they are the same dead letters.
  await inbox().receive([nul, noSchema, bytes])
  expect(await count('dead_letters')).toBe(5)
})

test('a message of a newer worker is applied: keys that are not known here are passed over', async () => {
  const message = hazardMessage(hazardEvent(), { kind: 'start', seq: 1 })
  const { event } = message.data
  const newer = {
    ...message,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    data: { ...message.data, addedLater: 1, event: { ...event, addedLater: { a: [1] } } },
  }
  expect(await inbox().receive([newer, Buffer.from(JSON.stringify({ ...newer, addedToo: true }))])).toEqual(
    [],
  )
  expect(await rows('select state from event_state')).toEqual([{ state: event }])
  expect(await count('alerts')).toBe(1)
  expect(await count('dead_letters')).toBe(0)
})

test('an event that changes its zone is refused and leaves the alert alone', async () => {
  const event = hazardEvent()
  await inbox().receive([hazardMessage(event, { kind: 'start', seq: 1 })])
  await inbox().receive([hazardMessage({ ...event, zone: 'other' }, { kind: 'end', seq: 2 })])
  expect(await rows('select zone, state from alerts')).toEqual([{ zone: 'gate', state: 'firing' }])
  expect(await rows('select error from dead_letters')).toMatchObject([{ error: /zone of an event never/ }])
})

test('what the hook writes is committed with the alert, or neither is', async () => {
  const calls: string[] = []
  const onTransition: InboxDeps['onTransition'] = async (tx, alert, transition) => {
    calls.push(`${transition} ${alert.state}`)
    await tx.query(
      'insert into holds (id, owner_kind, owner_id, author, reason) values ($1, $2, $3, $4, $5)',
      [crypto.randomUUID(), 'alert', alert.id, 'hook', transition],
    )
  }
  const event = hazardEvent()
  await inbox({ onTransition }).receive([
    hazardMessage(event, { kind: 'start', seq: 1 }),
    hazardMessage(event, { kind: 'end', seq: 2 }),
  ])
  expect(calls).toEqual(['opened firing', 'resolved resolved'])
  expect(await count('holds')).toBe(2)

  const broken = inbox({
    onTransition: async (tx, alert, transition) => {
      await onTransition(tx, alert, transition)
      throw new Error('routing is not ready')
    },
  })
  const next = hazardMessage(hazardEvent(), { kind: 'start', seq: 1 })
  await expect(broken.receive([next])).rejects.toThrow('routing is not ready')
  expect(await count('alerts')).toBe(1)
  expect(await count('holds')).toBe(2)
  await database.query('delete from holds')
})

test('eight writers on one matter: one open alert, every event counted once', async () => {
  const opened: string[] = []
  const writers = Array.from({ length: 8 }, () =>
    inbox({ onTransition: async (_, alert, transition) => void opened.push(`${transition} ${alert.id}`) }),
  )
  const events = Array.from({ length: 40 }, (_, n) => hazardEvent({ startedAt: TEST_TIME + n }))
  // Eight connections at once, each with its messages one after the other.
  await Promise.all(
    writers.map(async (writer, index) => {
      // Each event comes over two ways.
      const own = events.filter((_, n) => n % 8 === index || n % 8 === (index + 1) % 8)
      for (const event of own) await writer.receive([hazardMessage(event, { kind: 'start', seq: 1 })])
    }),
  )
  const alerts = await rows("select id, occurrences from alerts where state <> 'resolved'")
  expect(alerts).toHaveLength(1)
  expect(alerts[0]).toMatchObject({ occurrences: 40 })
  expect(opened).toEqual([`opened ${alerts[0]?.id}`])
  expect(await count('alerts')).toBe(1)
})

test('eight writers whose batches cross over many matters end without a deadlock', async () => {
  const events = Array.from({ length: 64 }, (_, n) =>
    hazardEvent({ source: { kind: 'camera', id: `cam-${n % 16}` }, startedAt: TEST_TIME + n }),
  )
  const metrics = recordingMetrics()
  await Promise.all(
    Array.from({ length: 8 }, (_, index) => {
      const own = [...events.slice(index * 8), ...events.slice(0, index * 8)]
      if (index % 2) own.reverse()
      return inbox({ metrics }).receive(own.map((event) => hazardMessage(event, { kind: 'start', seq: 1 })))
    }),
  )
  expect(await count('alerts')).toBe(16)
  expect(await rows('select distinct occurrences from alerts')).toEqual([{ occurrences: 4 }])
  expect(metrics.counts.get('inbox_retries_total{}')).toBeUndefined()
})

const pgError = (code: string) => Object.assign(new Error(`failed with ${code}`), { code })

/** A database whose first transactions fail after their work, each with the next of `errors`. */
const failing = (errors: Error[]): Database => ({
  ...database,
  transaction: (work) =>
    database.transaction(async (tx) => {
      const result = await work(tx)
      const error = errors.shift()
      if (error) throw error
      return result
    }),
})

test('a deadlock and a lost race are tried again', async () => {
  const metrics = recordingMetrics()
  const errors = [pgError('40P01'), pgError('40001'), pgError('23505')]
  await inbox({ metrics, database: failing(errors) }).receive([
    hazardMessage(hazardEvent(), { kind: 'start', seq: 1 }),
  ])
  expect(await count('alerts')).toBe(1)
  expect(metrics.counts.get('inbox_retries_total{}')).toBe(3)
  expect(metrics.counts.get('alerts_opened_total{type=object_left,severity=3}')).toBe(1)
})

test.each([
  ['the connection breaks', new Error('Connection terminated unexpectedly')],
  ['the disk of the database is full', pgError('53100')],
  ['a column is missing', pgError('42703')],
])('when %s no message is to blame: the sender keeps them all', async (_, error) => {
  const messages = [1, 2].map((n) => hazardMessage(hazardEvent({ zone: `z${n}` }), { kind: 'start', seq: 1 }))
  await expect(inbox({ database: failing([error]) }).receive(messages)).rejects.toBe(error)
  expect(await count('alerts')).toBe(0)
  expect(await count('dead_letters')).toBe(0)
  await inbox().receive(messages)
  expect(await count('alerts')).toBe(2)
})

/** What must not depend on order, repetition or batching. */
const outcome = async () => ({
  events: await rows('select epoch, seq, ended, state from event_state'),
  alerts: await rows(
    'select fingerprint, state, occurrences, score, started_at, since, last_seen_at, resolved_at, cause from alerts',
  ),
  stills: await rows('select sha256, variant from evidence order by 1, 2'),
})

const wipe = () =>
  database.query('truncate inbox, events, event_state, alerts, evidence, picture_requests cascade')

test('one event converges whatever the order, the repetitions, the gaps and the batches', async () => {
  const event: HazardEvent = hazardEvent({
    id: '0197a000-0000-7000-8000-00000000000a',
    still: { masked: picture('c'), original: null, capturedAt: TEST_TIME, method: 'frame@1' },
  })
  const messages: HazardMessage[] = [
    hazardMessage(event, { kind: 'start', epoch: 1, seq: 1, at: 0 }),
    hazardMessage(event, { kind: 'update', epoch: 1, seq: 2, at: 1_000 }),
    hazardMessage(event, { kind: 'update', epoch: 1, seq: 3, at: 2_000 }),
    hazardMessage({ ...event, severity: 2 }, { kind: 'update', epoch: 2, seq: 1, at: 3_000 }),
    hazardMessage({ ...event, severity: 1 }, { kind: 'update', epoch: 2, seq: 2, at: 4_000 }),
    hazardMessage({ ...event, severity: 1 }, { kind: 'end', epoch: 2, seq: 3, at: 5_000 }),
  ]
  for (const ends of [true, false]) {
    const story = ends ? messages : messages.slice(0, -1)
    await wipe()
    await inbox().receive(story)
    const expected = await outcome()
    expect(expected.alerts).toMatchObject([{ state: ends ? 'resolved' : 'firing', occurrences: 1 }])
    const arrivals = fc
      .array(fc.nat(story.length - 1), { maxLength: 12 })
      .chain((picks) => fc.shuffledSubarray([...picks, story.length - 1], { minLength: picks.length + 1 }))
    await fc.assert(
      fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 5 }), async (order, size) => {
        await wipe()
        for (let at = 0; at < order.length; at += size)
          await inbox().receive(order.slice(at, at + size).map((index) => story[index]))
        expect(await outcome()).toEqual(expected)
      }),
      { numRuns: 25 },
    )
  }
})
