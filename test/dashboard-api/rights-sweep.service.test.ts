import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { systemClock } from '../../adapters/clock.ts'
import { runSequencer } from '../../alerts/changes/sequencer.ts'
import { ROLES, type Role } from '../../core/actor.ts'
import { CHANGE_TOPICS, type ChangeTopic, writeChanges } from '../../core/changes.ts'
import { toOpenApi } from '../../dashboard-api/openapi.ts'
import { ROUTES } from '../../dashboard-api/routes.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import type { Browser } from './browser.ts'
import { openStream } from './sse.ts'
import { ask, callOf, FILTERS, namesMatter, type Operation, operationsOf, type Swept } from './sweep.ts'
import { decidedAccess } from './sweep-table.ts'
import { MIXED, SECRET_GRID, SECRET_NOTE, type SweepWorld, startSweepWorld } from './sweep-world.ts'

const operations = operationsOf(JSON.parse(JSON.stringify(toOpenApi(ROUTES, '0'))))
const rows = operations.map((operation) => [operation.name, operation] as const)
/** Ends the session that the other rows are asked with. */
const NOT_ASKED = ['logOut']

let world: SweepWorld
let secrets: readonly string[]
beforeAll(async () => {
  world = await startSweepWorld()
  const { alert, attachment, upload, caseHold, alertHold, recording } = world.foreign
  await expectUnchanged()
  secrets = [
    ...[alert, attachment, upload, caseHold, alertHold, recording, world.foreign.case],
    ...[`${SECRET_NOTE} kitchen`, SECRET_GRID, '后厨', 'kitchen.jpg'],
  ]
})
afterAll(() => world[Symbol.asyncDispose]())

/** What an answer tells of the foreign matter that the asker has not said himself. */
const told = ({ path, text }: Swept): string[] =>
  secrets.filter((secret) => text.includes(secret) && !decodeURIComponent(path).includes(secret))

const isIn = (name: string, role: Role): boolean => {
  const access = decidedAccess(name)
  return access === 'anyone' || access.includes(role)
}

/** The whole database but the sessions, so that a refused call is seen to have done nothing. */
async function fingerprint(): Promise<Record<string, string>> {
  const { database } = world.city
  const tables = await database.query<{ name: string }>(
    `select quote_ident(c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'sessions'`,
  )
  const found: Record<string, string> = {}
  for (const { name } of tables.rows) {
    const sql = `select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as hash from ${name} t`
    found[name] = (await database.query<{ hash: string }>(sql)).rows[0]?.hash ?? ''
  }
  return found
}

let known: Record<string, string> | null = null
async function expectUnchanged(): Promise<void> {
  const before = known
  known = await fingerprint()
  if (before) expect(known).toEqual(before)
}

const call = (operation: Operation, browser: Browser, more?: Readonly<Record<string, string>>) =>
  ask(browser, callOf(operation, world.foreign, world, more))

test.each(rows)(
  '%s may be called by those who were decided to, and the sweep knows how',
  (name, operation) => {
    const access = (ROUTES as Readonly<Record<string, { access: 'anyone' | readonly Role[] }>>)[name]?.access
    expect(access === 'anyone' ? access : ROLES.filter((role) => access?.includes(role))).toEqual(
      decidedAccess(name),
    )
    callOf(operation, world.foreign, world)
  },
)

const guarded = rows.filter(([name]) => decidedAccess(name) !== 'anyone')

test.each(guarded)(
  '%s is refused without log-in and to every role that may not call it, and does nothing',
  async (name, operation) => {
    const nobody = await call(operation, world.city.browser())
    expect([nobody.status, told(nobody)]).toEqual([401, []])
    for (const role of ROLES.filter((each) => !isIn(name, each))) {
      const answer = await call(operation, await world.city.as(role))
      expect([role, answer.status, told(answer)]).toEqual([role, 403, []])
      if (operation.method !== 'HEAD') expect(answer.code).toBe('forbidden')
    }
    await expectUnchanged()
  },
)

describe('an officer of another department, also with a second role that may not call it, and what is not theirs', () => {
  const asOfficers = guarded.filter(([name]) => isIn(name, 'officer') && !NOT_ASKED.includes(name))
  const people = (name: string) => [
    'officer',
    ...Object.entries(MIXED).flatMap(([who, second]) => (isIn(name, second) ? [] : [who])),
  ]
  const matters = asOfficers.filter(([, operation]) => namesMatter(operation))
  test.each(matters)('%s: it does not exist', async (name, operation) => {
    for (const who of people(name)) {
      const answer = await call(operation, await world.city.as(who))
      expect([who, answer.status, told(answer)]).toEqual([who, expect.toBeOneOf(REFUSED(who)), []])
    }
    await expectUnchanged()
  })
  test.each(asOfficers.filter(([, operation]) => operation.method === 'GET' && !namesMatter(operation)))(
    '%s: nothing of it is told, whatever is asked for',
    async (name, operation) => {
      for (const who of people(name)) {
        const browser = await world.city.as(who)
        const filters = operation.query.flatMap(({ name: key }) => {
          const value = FILTERS[key]
          return value ? [{ [key]: value(world.foreign) }] : []
        })
        for (const more of [{}, ...filters]) {
          const answer = await call(operation, browser, more)
          expect([who, more, answer.status, told(answer)]).toEqual([
            ...[who, more],
            expect.toBeOneOf([200, 404]),
            [],
          ])
        }
      }
    },
  )
  test('the lists are not merely empty', async () => {
    const own = await world.city.as('officer')
    for (const path of [
      '/api/cases',
      '/api/alerts',
      '/api/cameras',
      '/api/recordings',
      '/api/statistics/cases',
    ])
      expect((await own.json(path)).items, path).toHaveLength(1)
  })
})

/** Seen as an auditor, but not theirs to work on: 403 where another officer is told 404. */
const REFUSED = (who: string): number[] => (who === 'officer' ? [404] : [404, 403])

describe('the addresses of the sweep are real', () => {
  const reading = guarded.filter(([name, { method }]) => method === 'GET' && !NOT_ASKED.includes(name))
  /** No camera has a recording here, that with masks plays none, nobody keeps a tree, and there is no base map. */
  const ABSENT: Readonly<Record<string, number>> = {
    ...{ recordingPart: 403, recordingPreview: 404, dryRunPicture: 404, mapTiles: 404 },
    ...{ auditTree: 503, auditProof: 503, auditCheckpoints: 503 },
  }
  test.each(reading)('%s answers whoever may ask', async (name, operation) => {
    for (const role of ROLES.filter((each) => isIn(name, each) && each !== 'officer')) {
      const answer = await call(operation, await world.city.as(role))
      expect([role, answer.status, answer.text.slice(0, 200)]).toEqual([
        ...[role, ABSENT[name] ?? 200],
        expect.anything(),
      ])
    }
    if (!isIn(name, 'officer') || ABSENT[name] !== undefined) return
    expect((await call(operation, await world.city.as('market.officer'))).status).toBe(200)
  })
  test.each(guarded.filter(([, { method, body }]) => method !== 'GET' && body === 'json'))(
    '%s finds its object before it looks at the content',
    async (name, operation) => {
      const role = ROLES.find((each) => isIn(name, each) && each !== 'officer') ?? 'officer'
      const { path, init } = callOf(operation, world.foreign, world)
      const browser = await world.city.as(role)
      const answer = await ask(browser, { path, init: { ...init, body: '{"kind":"nothing"}' } })
      // A verifier's right to add depends on the state of the case; a session's own body is checked first.
      expect([answer.status, answer.code]).toEqual([expect.toBeOneOf([422, 403]), expect.anything()])
      expect(answer.code).not.toBe('not_found')
    },
  )
})

test('a worker comes with a token: no session opens what is theirs', async () => {
  for (const role of ROLES) {
    const browser = await world.city.as(role)
    for (const path of ['/api/worker/claim', '/api/worker/config', '/api/worker/events']) {
      const answer = await browser.post(path, {})
      expect([role, path, answer.status]).toEqual([role, path, expect.toBeOneOf([401, 404])])
    }
  }
})

test('live video: those who were decided to, cameras of the own cases', async () => {
  const look = async (browser: Browser | null, camera: string): Promise<number> => {
    const socket = new WebSocket(`${world.city.url.replace('http', 'ws')}/api/cameras/${camera}/live`, {
      headers: { Origin: world.city.url, ...(browser ? { Cookie: browser.cookie() } : {}) },
    })
    socket.on('error', () => undefined) // a refusal is told by its status
    const status = await Promise.race([
      once(socket, 'open').then(() => 101),
      once(socket, 'unexpected-response').then(([, answer]) => (answer as { statusCode: number }).statusCode),
    ])
    socket.terminate()
    return status
  }
  expect(await look(null, 'works-chimney')).toBe(401)
  for (const role of ROLES) {
    const status = await look(await world.city.as(role), 'works-chimney')
    expect([role, status]).toEqual([role, isIn('liveStill', role) ? 101 : 403])
  }
  expect(await look(await world.city.as('market.officer'), 'works-chimney')).toBe(404)
  expect(await look(await world.city.as('officer'), 'kitchen')).toBe(404)
  // An auditor has no live view, and the officer's is that of the own cases.
  expect(await look(await world.city.as('mixed.auditor'), 'kitchen')).toBe(404)
  expect(await look(await world.city.as('mixed.auditor'), 'works-chimney')).toBe(101)
})

/** Topics in the order of the log; `of an alert`: a notification of one. */
const HEARS: Readonly<Record<Exclude<Role, 'officer'>, readonly string[]>> = {
  operator: [
    'alert',
    'case',
    'notification',
    'recording',
    'camera',
    'sensor',
    'config',
    'shift',
    'of an alert',
  ],
  verifier: ['alert', 'case', 'notification', 'recording', 'camera', 'sensor', 'config', 'of an alert'],
  investigator: [
    'alert',
    'case',
    'notification',
    'recording',
    'look',
    'camera',
    'sensor',
    'config',
    'shift',
    'of an alert',
  ],
  auditor: [
    'alert',
    'case',
    'notification',
    'recording',
    'look',
    'camera',
    'sensor',
    'config',
    'shift',
    'audit',
    'of an alert',
  ],
  admin: ['alert', 'camera', 'sensor', 'config', 'shift', 'audit', 'of an alert'],
}

test('the change stream: topics by role, and for officers only what is theirs', async () => {
  const { city, foreign, own } = world
  const stop = new AbortController()
  const sequencing = runSequencer({
    ...{ database: city.database, clock: systemClock, log: silentLog, metrics: recordingMetrics() },
    signal: stop.signal,
  })
  try {
    const probe = (topic: ChangeTopic, key: string, groupKind: string) =>
      ({ topic, key, payload: { departments: ['market'], groupKind, groupId: foreign.case } }) as const
    await city.database.transaction((tx) =>
      writeChanges(tx, [
        ...CHANGE_TOPICS.map((topic) => probe(topic, `probe ${topic}`, 'case')),
        probe('notification', 'probe of an alert', 'alert'),
        probe('sensor', 'last', ''), // everybody hears of sensors: whoever has this has had all that was before it
      ]),
    )
    const heard = async (who: string) => {
      const stream = await openStream(await city.as(who), '?after=0')
      await stream.until((events) => events.some(({ data }) => data.includes('"last"')))
      stream.close()
      return stream.events.map(({ data }) => data)
    }
    const probes = (events: readonly string[]) =>
      events.flatMap((data) => /"key":"probe ([^"]+)"/.exec(data)?.[1] ?? [])
    for (const role of ROLES.filter((each) => each !== 'officer'))
      expect([role, probes(await heard(role))]).toEqual([role, HEARS[role]])
    expect(probes(await heard('market.officer'))).toEqual(['case', 'notification', 'sensor', 'of an alert'])
    for (const who of ['officer', ...Object.keys(MIXED)].filter((each) => each !== 'mixed.auditor')) {
      const events = await heard(who)
      expect([who, events.some((data) => data.includes(own.case))]).toEqual([who, true])
      expect([
        who,
        events.filter((data) => data.includes(foreign.case) && !data.includes('"topic":"sensor"')),
      ]).toEqual([
        who,
        who === 'officer' ? [] : expect.not.arrayContaining([expect.stringMatching(/"topic":"case"/)]),
      ])
    }
  } finally {
    stop.abort()
    await sequencing
  }
})
