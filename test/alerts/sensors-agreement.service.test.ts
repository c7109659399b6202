import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { requestPictures } from '../../alerts/evidence/requests.ts'
import type { AlertHooks } from '../../alerts/hooks.ts'
import { createAlertHooks } from '../../alerts/routing/hooks.ts'
import { createAgreement } from '../../alerts/sensors/agreement.ts'
import { createSensorPictures } from '../../alerts/sensors/pictures.ts'
import type { HazardEvent } from '../../core/event.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { recordingMetrics } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { at, configure, emptyTables, PM, packet, sensorSite, series } from './sensors-fixture.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(() => emptyTables(database))

const rows = async (sql: string) => (await database.query(sql)).rows
const camera = (id: string, place: object, more = {}) => ({
  id,
  name: { zh: id, en: id },
  purpose: 'environment',
  url: 'rtsp://10.0.0.8/1',
  place,
  ...more,
})
/** 0.001° of latitude is 111 m. */
const CAMERAS = [
  camera('far', { lon: 114.48, lat: 38.04 }),
  camera('second', { lon: 114.48, lat: 38.032 }),
  camera('first', { lon: 114.48, lat: 38.031 }),
  camera('nowhere', {}),
]
const CITY = {
  cameras: CAMERAS,
  departments: [
    {
      id: 'ecology',
      name: { zh: '生态环境局', en: 'Ecology bureau' },
      channels: [{ kind: 'webhook', url: 'http://127.0.0.1:9/', secretFile: '/nowhere' }],
    },
  ],
  routes: [{ lead: 'ecology' }],
}

function site(now = at(5), then: () => Promise<void> = async () => undefined) {
  const clock = manualClock(now)
  const metrics = recordingMetrics()
  const routing = createAlertHooks({
    clock,
    metrics,
    jobs: { send: async () => undefined },
    publicUrl: null,
    channelKinds: ['webhook'],
  })
  const agreement = createAgreement({ clock: systemClock, metrics, onRaised: routing.onTransition })
  const pictures = createSensorPictures({ requestPictures, clock })
  const onTransition: AlertHooks['onTransition'] = async (tx, alert, transition) => {
    await agreement(tx, alert, transition)
    await routing.onTransition(tx, alert, transition)
    await pictures(tx, alert, transition)
    await then()
  }
  return sensorSite(database, { clock, onTransition })
}

const plume = (changes: Partial<HazardEvent> = {}) =>
  hazardEvent({
    source: { kind: 'camera', id: 'first' },
    type: 'plume',
    severity: 2,
    since: at(2),
    startedAt: at(2),
    ...changes,
  })
const exceeding = series(0, [160, 160, 160, 160])

describe('pictures of the cameras near a sensor', () => {
  const asked = () =>
    rows('select camera, kind, rank, moment, from_at, to_at from picture_requests order by rank, kind desc')

  test('an exceedance asks the cameras within its distance, the nearest first', async () => {
    await configure(database, [PM], CITY)
    await site().readings.receive(exceeding)
    const moment = new Date(at(3))
    const span = { from_at: new Date(at(3) - 10_000), to_at: new Date(at(3) + 10_000) }
    expect(await asked()).toEqual([
      { camera: 'first', kind: 'still', rank: 1, moment, from_at: moment, to_at: moment },
      { camera: 'first', kind: 'clip', rank: 1, moment, ...span },
      { camera: 'second', kind: 'still', rank: 2, moment, from_at: moment, to_at: moment },
      { camera: 'second', kind: 'clip', rank: 2, moment, ...span },
    ])
  })

  test('cameras that the sensor names are asked instead, at most four', async () => {
    const more = ['a', 'b', 'c', 'd', 'e'].map((id) => camera(id, {}))
    const names = ['nowhere', 'far', 'a', 'b', 'c', 'd']
    await configure(database, [{ ...PM, cameras: names }], { ...CITY, cameras: [...CAMERAS, ...more] })
    await site().readings.receive(exceeding)
    expect(
      (await rows("select camera from picture_requests where kind = 'still' order by rank")).map(
        (r) => r.camera,
      ),
    ).toEqual(names.slice(0, 4))
  })

  test('what is over for longer than the ring goes back is asked of nobody, and a fault has no picture', async () => {
    await configure(database, [PM], CITY)
    await site(at(3 + 121)).readings.receive(exceeding)
    expect(await asked()).toEqual([])
    await site(at(3 + 119)).readings.receive([packet(4, 10), ...series(5, [160, 160, 160, 160])])
    expect(await asked()).toHaveLength(4)
  })
})

const alerts = () => rows('select type, severity, severity_raise as raise from alerts order by type')
const AGREED = [
  { type: 'exceedance', severity: 2, raise: 1 },
  { type: 'plume', severity: 1, raise: 1 },
]
const APART = [
  { type: 'exceedance', severity: 3, raise: 0 },
  { type: 'plume', severity: 2, raise: 0 },
]

describe('a sensor and a picture that agree', () => {
  beforeEach(() => configure(database, [PM], CITY))

  test.each([
    ['the picture first', true],
    ['the sensor first', false],
  ])('both go up by one, once, and say why: %s', async (_, pictureFirst) => {
    const { inbox, readings } = site()
    const event = plume()
    const start = () => inbox.receive([hazardMessage(event, { kind: 'start', seq: 1 })])
    if (pictureFirst) await start()
    await readings.receive(exceeding)
    if (!pictureFirst) await start()
    expect(await alerts()).toEqual(AGREED)
    const ids = await rows('select id, agrees_with from alerts order by type')
    expect(ids.map(({ agrees_with }) => agrees_with)).toEqual([[ids[1]?.id], [ids[0]?.id]])
    expect(await rows("select count(*)::int as n from changes where payload ->> 'kind' = 'agreed'")).toEqual([
      { n: 2 },
    ])
    // Severity 1 is told at once: here it became 1 by the agreement, whichever came first. Once.
    expect(
      await rows('select step, payload #>> $${data,severity}$$ as severity, state from notifications'),
    ).toEqual([{ step: 'at_once', severity: '1', state: 'queued' }])
    // A later state of the event does not take the raise back.
    await inbox.receive([hazardMessage({ ...event, severity: 3 }, { kind: 'update', seq: 2 })])
    expect(await rows("select severity from alerts where type = 'plume'")).toEqual([{ severity: 2 }])
    // Another one that agrees raises nothing again.
    const smoke = plume({ type: 'smoke', rule: { id: 'smoke', version: '1' } })
    await inbox.receive([hazardMessage(smoke, { kind: 'start', seq: 1 })])
    expect(await rows("select severity from alerts where type = 'exceedance'")).toEqual([{ severity: 2 }])
    expect(await rows("select cardinality(agrees_with) as n from alerts where type = 'exceedance'")).toEqual([
      { n: 2 },
    ])
  })

  test.each([
    ['a camera that is too far', { source: { kind: 'camera', id: 'far' } }],
    ['a hazard that no dust sensor measures', { type: 'crowding' }],
    ['more than a quarter of an hour before', { since: at(-40), startedAt: at(-40), ended: at(-16) }],
  ] as const)('not: %s', async (_, { ended, ...changes }: Partial<HazardEvent> & { ended?: number }) => {
    const { inbox, readings } = site()
    const event = plume(changes)
    await inbox.receive([hazardMessage(event, { kind: 'start', seq: 1, at: 0 })])
    if (ended !== undefined)
      await inbox.receive([hazardMessage(event, { kind: 'end', seq: 2, at: ended - event.startedAt })])
    await readings.receive(exceeding)
    expect((await alerts()).map(({ raise }) => raise)).toEqual([0, 0])
    expect(await rows('select from notifications')).toEqual([])
  })

  test('within a quarter of an hour it still counts', async () => {
    const { inbox, readings } = site()
    const event = plume({ since: at(-40), startedAt: at(-40) })
    await inbox.receive([
      hazardMessage(event, { kind: 'start', seq: 1, at: 0 }),
      hazardMessage(event, { kind: 'end', seq: 2, at: 26 * 60_000 }),
    ])
    await readings.receive(exceeding)
    expect(await alerts()).toEqual(AGREED)
    // What is over is told to nobody for it.
    expect(await rows('select from notifications')).toEqual([])
  })

  test('a rejected alert is no witness', async () => {
    const { inbox, readings } = site()
    await inbox.receive([hazardMessage(plume(), { kind: 'start', seq: 1 })])
    await database.query(
      "update alerts set verdict = 'rejected', verdict_reason = 'x', verdict_by = 'a', verdict_at = now()",
    )
    await readings.receive(exceeding)
    expect(await alerts()).toEqual(APART)
  })

  test('noise agrees with no picture', async () => {
    await configure(database, [{ ...PM, factor: 'LA' }], CITY)
    const { inbox, readings } = site()
    await inbox.receive([hazardMessage(plume(), { kind: 'start', seq: 1 })])
    await readings.receive([0, 1, 2, 3].map((minute) => packet(minute, 160, { factor: 'LA' })))
    expect(await alerts()).toEqual(APART)
  })

  test.each([
    ['the picture', true],
    ['the sensor', false],
  ])(
    'both open in two processes, and neither is committed when the other looks: %s first',
    async (_, pictureFirst) => {
      const looked = Promise.withResolvers<void>()
      const commit = Promise.withResolvers<void>()
      const first = site(at(5), async () => {
        looked.resolve()
        await commit.promise
      })
      const second = site()
      const start = [hazardMessage(plume(), { kind: 'start', seq: 1 })]
      const one = pictureFirst ? first.inbox.receive(start) : first.readings.receive(exceeding)
      await looked.promise
      let isOver = false
      const other = pictureFirst ? second.readings.receive(exceeding) : second.inbox.receive(start)
      const over = other.finally(() => {
        isOver = true
      })
      // It waits for the first, or it went by without seeing it.
      const waits =
        "select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())"
      while (!isOver && (await rows(waits)).length === 0)
        await new Promise((resolve) => setTimeout(resolve, 10))
      commit.resolve()
      await Promise.all([one, over])
      expect(await alerts()).toEqual(AGREED)
      expect(await rows('select count(*)::int as n from notifications')).toEqual([{ n: 1 }])
    },
  )
})
