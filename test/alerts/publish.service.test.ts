import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { connectPostgres } from '../../adapters/postgres/database.ts'
import { createAlertCommands } from '../../alerts/alert/commands.ts'
import { publishOnce, renewPublisher, runPublisher } from '../../alerts/changes/publish.ts'
import { runSequencer, sequenceOnce } from '../../alerts/changes/sequencer.ts'
import { deliverOnce } from '../../alerts/delivery/run.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import { writeChange } from '../../core/changes.ts'
import { fingerprint } from '../../core/event.ts'
import { alertMessageSchema } from '../../core/messages/alert.ts'
import { caseMessageSchema } from '../../core/messages/case.ts'
import { notifyMessageSchema } from '../../core/messages/notify.ts'
import type { Channel } from '../../core/ports/channel.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { type BusMessage, fakeBus } from '../support/fake-bus.ts'
import { recordingLog, recordingMetrics, silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import { waitUntil } from '../support/wait-until.ts'
import { openCases, STAFF } from './cases-fixture.ts'
import { hastyClock, writeNumbered } from './publish-fixture.ts'

let house: Awaited<ReturnType<typeof openCases>>
beforeAll(async () => {
  house = await openCases()
})
afterAll(() => house[Symbol.asyncDispose]())
beforeEach(async () => {
  await house.database.query('truncate changes restart identity')
  await house.database.query('update change_head set pos = 0')
  await house.database.query('update change_publisher set pos = 0')
})

const metrics = recordingMetrics()
const base = () => ({ database: house.database, clock: systemClock, log: silentLog, metrics })
const sequence = async () => {
  while ((await sequenceOnce(base())).count > 0);
}
const position = async () =>
  (await house.database.query<{ pos: string }>('select pos::text as pos from change_publisher')).rows[0]?.pos
const attempts = (messages: readonly BusMessage[]) =>
  messages.map(({ message }) => (message.data.notification as { attempt: number }).attempt)

test('a matter from alert to case and notification, as another system reads it', async () => {
  const { database, hooks, commands, clock } = house
  const event = hazardEvent({ source: { kind: 'camera', id: 'works' }, type: 'plume', severity: 2 })
  const inbox = createInbox({ ...base(), onTransition: hooks.onTransition })
  await inbox.receive([hazardMessage(event, { kind: 'start', seq: 1 })])
  const alerts = await database.query<{ id: string }>('select id from alerts where event_id = $1', [event.id])
  const alertId = alerts.rows[0]?.id ?? ''
  await createAlertCommands({ database, clock, metrics, hooks }).acknowledge(alertId, STAFF.operator)
  const { no } = await commands.file({ alertId, note: 'not for others' }, STAFF.operator)
  const channel: Channel = { kind: 'webhook', deliver: async () => ({ kind: 'delivered', code: 'http_200' }) }
  await deliverOnce({ ...base(), channels: [channel] })
  await commands.execute(no, { kind: 'accept', version: 2 }, STAFF.lead)
  await database.transaction((tx) =>
    writeChange(tx, { topic: 'look', key: '1', payload: { who: 'centre.duty', what: 'still' } }),
  )
  await inbox.receive([hazardMessage(event, { kind: 'end', seq: 2 })])
  await sequence()

  const bus = fakeBus()
  await publishOnce({ ...base(), producer: bus })
  expect(bus.log.map(({ headers }) => headers['content-type'])).toEqual(
    bus.log.map(() => 'application/cloudevents+json; charset=UTF-8'),
  )
  const of = (topic: string) => bus.log.filter((entry) => entry.topic === topic)
  expect(of('alert.events.v1').map(({ key }) => key)).toEqual(Array(5).fill(fingerprint(event)))
  const told = of('alert.events.v1').map(({ message }) => alertMessageSchema.parse(message))
  expect(told.map(({ data }) => [data.change, data.actor, data.alert.state, data.alert.version])).toEqual([
    ['opened', null, 'firing', 1],
    ['acknowledged', 'centre.duty', 'firing', 2],
    ['verdict', 'centre.duty', 'firing', 3],
    // Of one transaction: both have the state after it.
    ['updated', null, 'resolved', 4],
    ['resolved', null, 'resolved', 4],
  ])
  expect(told.at(-1)?.data.alert).toMatchObject({
    id: alertId,
    source: { kind: 'camera', id: 'works' },
    rule: 'left',
    place: { address: '学府路 1 号', grid: '130104-017', datum: 'GCJ-02' },
    verdict: 'confirmed',
    acknowledged: true,
    caseNo: no,
  })

  expect(of('case.events.v1').map(({ key }) => key)).toEqual(of('case.events.v1').map(() => no))
  const cases = of('case.events.v1').map(({ message }) => caseMessageSchema.parse(message).data)
  expect(cases.map(({ changes }) => changes)).toEqual(
    expect.arrayContaining([['file', 'dispatch'], ['notified'], ['accept']]),
  )
  expect(cases.at(-1)?.case).toMatchObject({ no, alertId, purpose: 'environment', lead: 'ecology' })

  const sent = of('notify.attempts.v1').map(({ message }) => notifyMessageSchema.parse(message).data)
  expect(new Set(of('notify.attempts.v1').map(({ key }) => key))).toEqual(new Set([no]))
  expect(
    sent
      .filter(({ notification }) => notification.department === 'ecology')
      .map(({ notification }) => [notification.state, notification.attempt, notification.code]),
  ).toEqual([
    ['queued', 0, null],
    ['sending', 1, null],
    ['sent', 1, 'http_200'],
  ])
  // Everything positioned is past, looks too, and no text that a person wrote or a receiver answered is out.
  expect(await position()).toBe(String(bus.log.length + 1))
  expect(JSON.stringify(bus.log)).not.toMatch(/not for others|"who"|webhook\.example|127\.0\.0\.1/)
  const ids = bus.log.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.every((id) => /^change\/\d+$/.test(id))).toBe(true)
})

test('a change that fits no message goes to the dead letters as it is, and holds nobody up', async () => {
  const { database } = house
  await writeNumbered(database, '2026-000001', 1)
  await database.transaction((tx) =>
    writeChange(tx, { topic: 'alert', key: randomUUID(), payload: { kind: 'opened', severity: 'high' } }),
  )
  await writeNumbered(database, '2026-000001', 2)
  await sequence()
  const bus = fakeBus()
  const log = recordingLog()
  await publishOnce({ ...base(), log, producer: bus })
  expect(bus.log.map(({ topic }) => topic).sort()).toEqual([
    'alert.events.v1.dlq',
    'notify.attempts.v1',
    'notify.attempts.v1',
  ])
  const letter = bus.log.find(({ topic }) => topic.endsWith('.dlq'))
  expect(letter?.message).toMatchObject({ pos: '2', payload: { severity: 'high' } })
  expect(letter?.headers['x-error-message']).toMatch(/fingerprint/)
  expect(log.lines.join()).toMatch(/fits no message/)
  expect(await position()).toBe('3')
})

test('the broker is away: the position stays, the lag grows, and nothing is lost when it is back', async () => {
  const gauges: number[] = []
  const seen = recordingMetrics()
  const observed = {
    ...seen,
    gauge: (name: string, _: Record<string, string>, value: number) => {
      if (name === 'changes_publish_lag_seconds') gauges.push(value)
    },
  }
  for (let n = 1; n <= 20; n += 1) await writeNumbered(house.database, '2026-000002', n)
  await house.database.query("update changes set at = now() - interval '10 minutes'")
  await sequence()
  const bus = fakeBus()
  let away = true
  bus.on = () => {
    if (away) throw new Error('connect ECONNREFUSED')
  }
  const stop = new AbortController()
  const running = runPublisher({
    ...base(),
    clock: hastyClock,
    metrics: observed,
    producer: bus,
    signal: stop.signal,
  })
  const failures = () => seen.counts.get('changes_publish_failures_total{}') ?? 0
  await waitUntil('it has failed several times', () => failures() >= 5)
  expect(await position()).toBe('0')
  expect(gauges.at(-1)).toBeGreaterThan(599)
  away = false
  await waitUntil('everything is published', () => bus.log.length === 20)
  await waitUntil('the lag is gone', () => gauges.at(-1) === 0)
  // Woken by the position, not only by its poll.
  await writeNumbered(house.database, '2026-000002', 21)
  await sequence()
  await waitUntil('the next one too', () => bus.log.length === 21)
  stop.abort()
  await running
  expect(attempts(bus.log)).toEqual(Array.from({ length: 21 }, (_, n) => n + 1))
  expect(await position()).toBe('21')
})

test('a broker that stored and did not answer gets the same messages again', async () => {
  await writeNumbered(house.database, '2026-000003', 1)
  await sequence()
  const bus = fakeBus()
  bus.on = (stored) => {
    if (stored && bus.log.length === 1) throw new Error('connection lost')
  }
  await expect(publishOnce({ ...base(), producer: bus })).rejects.toThrow('connection lost')
  await publishOnce({ ...base(), producer: bus })
  expect(bus.log).toHaveLength(2)
  expect(bus.log[1]).toEqual(bus.log[0])
  expect(bus.firstCopies()).toHaveLength(1)
})

test('a call that never ends is given up after a minute, or at the stop', async () => {
  await writeNumbered(house.database, '2026-000004', 1)
  await sequence()
  const clock = manualClock(Date.now())
  const bus = fakeBus()
  let called = Promise.withResolvers<void>()
  bus.on = () => {
    called.resolve()
    return new Promise(() => undefined)
  }
  const hanging = publishOnce({ ...base(), clock, producer: bus })
  await called.promise
  clock.advance(60_000)
  await expect(hanging).rejects.toMatchObject({ code: 'transport_unavailable' })

  called = Promise.withResolvers<void>()
  const stop = new AbortController()
  const running = runPublisher({ ...base(), producer: bus, signal: stop.signal })
  await called.promise
  stop.abort()
  await running
  expect(await position()).toBe('0')
})

test('changes that were deleted before they were published are noticed', async () => {
  for (let n = 1; n <= 6; n += 1) await writeNumbered(house.database, '2026-000005', n)
  await sequence()
  const seen = recordingMetrics()
  const bus = fakeBus()
  await house.database.query('delete from changes where pos <= 2')
  await publishOnce({ ...base(), metrics: seen, producer: bus })
  expect(attempts(bus.log)).toEqual([3, 4, 5, 6]) // a first start: it begins with what there is
  expect(seen.counts.get('changes_publish_gaps_total{}')).toBeUndefined()

  for (let n = 7; n <= 9; n += 1) await writeNumbered(house.database, '2026-000005', n)
  await sequence()
  await house.database.query('delete from changes where pos = 7')
  await publishOnce({ ...base(), metrics: seen, producer: bus })
  expect(attempts(bus.log)).toEqual([3, 4, 5, 6, 8, 9])
  expect(seen.counts.get('changes_publish_gaps_total{}')).toBe(1)
})

test('after a restore the same position is another message', async () => {
  const bus = fakeBus()
  await writeNumbered(house.database, '2026-000006', 1)
  await sequence()
  await publishOnce({ ...base(), producer: bus })
  await house.database.query('truncate changes restart identity')
  await house.database.query('update change_head set pos = 0')
  await house.database.query('update change_publisher set pos = 0')
  await renewPublisher(house.database)
  await writeNumbered(house.database, '2026-000006', 2)
  await sequence()
  await publishOnce({ ...base(), producer: bus })
  expect(bus.log.map(({ id }) => id)).toEqual(['change/1', 'change/1'])
  expect(bus.firstCopies()).toHaveLength(2)
})

test('one publisher at a time; a second stands by', async () => {
  await writeNumbered(house.database, '2026-000007', 1)
  await sequence()
  const bus = fakeBus()
  const inside = Promise.withResolvers<void>()
  const stay = Promise.withResolvers<void>()
  bus.on = (stored) => {
    inside.resolve()
    return stored ? undefined : stay.promise
  }
  const first = publishOnce({ ...base(), producer: bus })
  await inside.promise
  expect(await publishOnce({ ...base(), producer: bus })).toEqual({ count: 0, standby: true, more: false })
  stay.resolve()
  expect(await first).toEqual({ count: 1, standby: false, more: false })
  expect(bus.log).toHaveLength(1)
})

test('writers, sequencers and publishers whose connections die all the time: gapless and in order per key', async () => {
  const WRITERS = 6
  const EACH = 60
  const KEYS = 4
  const { database } = house
  await database.query('create table counters (key text primary key, value integer not null)')
  await database.query(`insert into counters select 'key-' || n, 0 from generate_series(0, ${KEYS - 1}) as n`)
  await using writers = connectPostgres({ url: database.url, log: silentLog, max: WRITERS })
  const writer = async (index: number) => {
    for (let n = 0; n < EACH; n += 1) {
      await writers.transaction(async (tx) => {
        const next = await tx.query<{ key: string; value: number }>(
          'update counters set value = value + 1 where key = $1 returning key, value',
          [`key-${(index + n) % KEYS}`],
        )
        const [row] = next.rows
        if (row) await writeNumbered(tx, row.key, row.value)
        if ((index + n) % 7 === 0) await tx.query('select pg_sleep(0.02)')
      })
    }
  }
  const bus = fakeBus()
  // Every call takes a moment, in which its connection may be killed; some fail before, some after they have stored.
  let calls = 0
  bus.on = async (stored) => {
    calls += 1
    await systemClock.sleep(calls % 4)
    if (calls % 11 === 0) throw new Error(stored ? 'no answer' : 'refused')
  }
  const stop = new AbortController()
  const parts = ['publisher-a', 'publisher-b', 'sequencer-a', 'sequencer-b'].map((name) => {
    const own = connectPostgres({ url: database.url, log: silentLog, max: 1, name })
    const deps = { ...base(), database: own, clock: hastyClock, signal: stop.signal }
    const done = name.startsWith('pub') ? runPublisher({ ...deps, producer: bus }) : runSequencer(deps)
    return { own, done }
  })
  let kills = 0
  const killer = async () => {
    while (!stop.signal.aborted) {
      const killed = await database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where application_name in ('publisher-a', 'publisher-b', 'sequencer-a', 'sequencer-b')
          order by random() limit 2`,
      )
      kills += killed.rowCount
      await systemClock.sleep(25, stop.signal).catch(() => undefined)
    }
  }
  const killing = killer()
  await Promise.all(Array.from({ length: WRITERS }, (_, index) => writer(index)))
  const total = WRITERS * EACH
  await waitUntil('everything is on the bus', () => bus.firstCopies().length === total, 60_000)
  stop.abort()
  await killing
  for (const { own, done } of parts) {
    await done
    await own[Symbol.asyncDispose]()
  }
  expect(kills).toBeGreaterThan(3)
  const byKey = Map.groupBy(bus.firstCopies(), ({ key }) => key)
  expect(byKey.size).toBe(KEYS)
  for (const messages of byKey.values())
    expect(attempts(messages)).toEqual(messages.map((_, index) => index + 1))
})
