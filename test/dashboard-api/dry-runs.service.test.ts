import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createDryRuns } from '../../adapters/dry-runs/remote.ts'
import { createDryRunner } from '../../app/worker/dry-run.ts'
import { answerDryRuns } from '../../app/worker/dry-run-server.ts'
import type { DryRunItem } from '../../core/api/dry-run.ts'
import type { DryRunRequest, DryRuns } from '../../core/dry-run.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Database } from '../../core/ports/database.ts'
import { createDryRunJobs } from '../../dashboard-api/dry-runs/jobs.ts'
import { createDryRunRows, LEFT_S, WANTED_S } from '../../dashboard-api/dry-runs/rows.ts'
import type { RingPlaces } from '../../ingest/evidence/ring-files.ts'
import { T0 } from '../ingest/track-log/logged.ts'
import { silentLog } from '../support/log.ts'
import { testMediaTools } from '../support/media-tools.ts'
import { tempFolder } from '../support/temp-folder.ts'
import type { TestDashboard } from './dashboard.ts'
import { CAMERA, LANE, startDryRunCity, writeTrackLog } from './dry-run-fixture.ts'

const LIMIT = { timeout: 60_000 }
const SECRET = 'a secret of this test'
const iso = (ms: number) => new Date(ms).toISOString()
const NO_RULES = { zones: {}, rules: [] }
const ASKED: DryRunRequest = {
  ...{ camera: CAMERA, timezone: 'UTC', privacy: [], inForce: NO_RULES, candidate: NO_RULES },
  ...{ from: T0, to: T0 + 60_000 },
}

let city: TestDashboard
let folder: Awaited<ReturnType<typeof tempFolder>>
let server: ReturnType<typeof createServer>
let url: string
/** What the pages' server asks: the runner of this process, or the same one over HTTP. */
let way: DryRuns
let local: DryRuns
/** What the worker on another machine runs. */
let there: DryRuns['run'] | null = null
const recorded: { asked: number[]; jpeg: Uint8Array | null } = { asked: [], jpeg: null }

beforeAll(async () => {
  folder = await tempFolder()
  local = await writeTrackLog(folder.path, T0, 30)
  way = local
  const answers = answerDryRuns({
    dryRuns: { run: (request, watch) => (there ?? local.run)(request, watch) },
    ...{ secret: SECRET, clock: systemClock, log: silentLog },
  })
  server = createServer((request, response) => {
    if (!answers.answer(request, response)) response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  city = await startDryRunCity({ run: (request, watch) => way.run(request, watch) }, (at) => {
    recorded.asked.push(at)
    return recorded.jpeg && { jpeg: recorded.jpeg, capturedAt: at - 400 }
  })
})
afterAll(async () => {
  await city[Symbol.asyncDispose]()
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  await folder[Symbol.asyncDispose]()
})

const SPAN = { from: iso(T0), to: iso(T0 + 1_800_000) }
const start = async (rules: readonly object[], more: object = SPAN) =>
  (await city.as('admin')).post(`/api/cameras/${CAMERA}/dry-run`, { zones: { lane: LANE }, rules, ...more })

async function finished(rules: readonly object[], more?: object): Promise<DryRunItem> {
  const answer = await start(rules, more)
  expect(answer.status).toBe(201)
  const { id } = (await answer.json()) as DryRunItem
  return ended(id)
}
async function ended(id: string): Promise<DryRunItem> {
  let item: DryRunItem | null = null
  await expect
    .poll(
      async () => {
        item = (await (await city.as('admin')).json(`/api/dry-runs/${id}`)) as DryRunItem
        return item.state
      },
      { timeout: 50_000 },
    )
    .not.toBe('running')
  return item as unknown as DryRunItem
}

describe('a dry run', () => {
  test(
    'counts what a rule would have raised, beside what the one in force did; what was not judged is no zero',
    LIMIT,
    async () => {
      const { state, result, span } = await finished([
        { id: 'lane', type: 'lane_blocked', zone: 'lane', for: '50s' },
        { id: 'sooner', type: 'lane_blocked', zone: 'lane', for: '70s' },
        { id: 'crowd', type: 'crowding', limit: 3 },
        { id: 'weak', type: 'fire', score: 0.12 },
        { id: 'left', type: 'object_left' },
        { id: 'mice', type: 'rodent' },
        { id: 'off', type: 'smoke', enabled: false },
      ])
      expect(state).toBe('done')
      expect(span).toEqual(SPAN)
      const row = (id: string) => result?.rules.find(({ rule }) => rule === id)
      expect(row('lane')).toMatchObject({
        candidate: { events: 8, reason: null },
        inForce: { events: 8, reason: null },
        ...{ added: 0, gone: 0 },
      })
      expect(row('sooner')).toMatchObject({ candidate: { events: 0, reason: null }, inForce: null })
      expect(row('crowd')).toMatchObject({ candidate: { events: 0, weakerThanLog: false, seenOnce: false } })
      expect(row('weak')).toMatchObject({ candidate: { events: 0, weakerThanLog: true, seenOnce: true } })
      expect(row('left')).toMatchObject({
        candidate: { events: null, reason: 'no_recording', source: 'recording' },
      })
      expect(row('plume')).toMatchObject({
        candidate: null,
        inForce: { events: null, reason: 'no_recording' },
      })
      expect(row('lane')?.candidate?.source).toBe('log')
      expect(row('mice')).toMatchObject({ candidate: { events: null, reason: 'not_built' } })
      expect(row('off')).toMatchObject({ candidate: { events: 0, reason: 'disabled' } })
      expect(result?.log).toEqual({
        ...{ pictures: 3_600, looks: 3_600, lost: 0, scoreFrom: 0.1 },
        stretches: [{ from: iso(T0), to: iso(T0 + 1_799_500) }],
      })
      const [first] = result?.events ?? []
      expect(first).toMatchObject({ n: 0, side: 'both', rule: 'lane', zone: 'lane', severity: 2 })
      expect(first?.at).toBe(iso(T0 + 110_000))
    },
  )

  test('a rule that no longer raises it says what is gone; a new one what is added', LIMIT, async () => {
    const { result } = await finished([{ id: 'crowd', type: 'crowding', limit: 1, for: '2s' }])
    expect(result?.rules.find(({ rule }) => rule === 'lane')).toMatchObject({
      candidate: null,
      gone: 8,
      added: 0,
    })
    expect(result?.events.every(({ side }) => side === 'gone')).toBe(true)
  })

  test('a worker on another machine answers the same; one that is away is told', LIMIT, async () => {
    const rules = [{ id: 'lane', type: 'lane_blocked', zone: 'lane', for: '50s' }]
    const here = await finished(rules)
    const holders = [
      { worker: 'hall', endpoint: { url, secret: SECRET } },
      { worker: 'yard', endpoint: null },
    ]
    way = createDryRuns({ lookup: async () => holders, local: null, log: silentLog })
    const remote = await finished(rules)
    expect(remote.result).toEqual({ ...here.result, away: ['yard'] })
    way = createDryRuns({
      lookup: async () => [{ worker: 'hall', endpoint: { url, secret: 'a wrong one' } }],
      ...{ local: null, log: silentLog },
    })
    expect(await finished(rules)).toMatchObject({
      state: 'failed',
      problem: { code: 'not_ready', why: { code: 'worker_answer', facts: { status: 401 } } },
      result: null,
    })
    way = createDryRuns({ lookup: async () => [], local: null, log: silentLog })
    const nobody = await finished(rules)
    expect(nobody.problem).toMatchObject({
      detail: expect.stringContaining('no worker held camera gate'),
      why: { code: 'nobody_held' },
    })
    way = local
  })

  test(
    'what a worker refuses comes with its facts over the line, for words in any language',
    LIMIT,
    async () => {
      const why = { code: 'recording_long', facts: { minutes: 50, most: 12 } }
      there = () =>
        Promise.reject(
          new SharpEyesError('too_large', '50 min are recorded', {
            details: { why: why.code, ...why.facts },
          }),
        )
      const holders = [{ worker: 'hall', endpoint: { url, secret: SECRET } }]
      way = createDryRuns({ lookup: async () => holders, local: null, log: silentLog })
      expect(await finished([])).toMatchObject({
        state: 'failed',
        problem: { code: 'too_large', detail: '50 min are recorded', why },
      })
      there = null
      way = local
    },
  )

  test('a time without a log is said, not counted', LIMIT, async () => {
    const { result } = await finished([{ id: 'lane', type: 'lane_blocked', zone: 'lane' }], {
      ...{ from: iso(T0 - 7_200_000), to: iso(T0 - 3_600_000) },
    })
    expect(result?.rules[0]).toMatchObject({ candidate: { events: null, reason: 'no_log' } })
    expect(result?.log).toMatchObject({ pictures: 0, scoreFrom: null, stretches: [] })
  })

  test('is ended by its cancelling, and stays ended', LIMIT, async () => {
    way = {
      run: (_, { signal }) =>
        new Promise((_done, fail) => signal.addEventListener('abort', () => fail(signal.reason as Error))),
    }
    const { id } = (await (await start([])).json()) as DryRunItem
    const admin = await city.as('admin')
    expect((await admin.json(`/api/dry-runs/${id}`)).state).toBe('running')
    expect((await admin.delete(`/api/dry-runs/${id}`)).status).toBe(204)
    expect(await ended(id)).toMatchObject({ state: 'cancelled', result: null })
    way = local
  })

  describe('that goes on', () => {
    /** The signal of the last that was begun. */
    let signal: AbortSignal | null = null
    const lasting: DryRuns = {
      run: (_, watch) =>
        new Promise((_done, fail) => {
          signal = watch.signal
          watch.signal.addEventListener('abort', () => fail(watch.signal.reason as Error))
        }),
    }
    const begin = async (): Promise<string> => {
      way = lasting
      return ((await (await start([])).json()) as DryRunItem).id
    }
    /** As the table says it: a question of a page would keep it going. */
    const row = async (id: string) => {
      const { rows } = await city.database.query<{ state: string; s: number }>(
        'select state, extract(epoch from wanted_until - now())::float8 as s from dry_runs where id = $1',
        [id],
      )
      return rows[0] as { state: string; s: number }
    }
    const wantedFor = (id: string, s: number) =>
      city.database.query(
        'update dry_runs set wanted_until = now() + make_interval(secs => $2) where id = $1',
        [id, s],
      )
    afterEach(async () => {
      way = local
      await city.database.query(`update dry_runs set state = 'cancelled' where state = 'running'`)
    })

    test('is ended when no page has asked for it, and says so to one that comes back', LIMIT, async () => {
      const id = await begin()
      // Again and again: a machine that stands still for long gives the page time anew.
      const unasked = async () => {
        await wantedFor(id, -1)
        return (await row(id)).state
      }
      await expect.poll(unasked, { timeout: 50_000 }).toBe('failed')
      await expect.poll(() => signal?.aborted, { timeout: 50_000 }).toBe(true)
      expect(await ended(id)).toMatchObject({
        state: 'failed',
        problem: { code: 'not_ready', why: { code: 'nobody_waits', facts: {} } },
        result: null,
      })
    })

    test('is kept going by each question, for longer than a hidden page may be silent', LIMIT, async () => {
      const id = await begin()
      expect((await row(id)).s).toBeGreaterThan(100)
      await wantedFor(id, 60)
      expect((await (await city.as('admin')).json(`/api/dry-runs/${id}`)).state).toBe('running')
      expect((await row(id)).s).toBeGreaterThan(100)
      expect((await row(id)).s).toBeLessThanOrEqual(WANTED_S)
    })

    test(
      'is ended soon after its page said good-bye, unless the page was only loaded anew',
      LIMIT,
      async () => {
        const id = await begin()
        const admin = await city.as('admin')
        expect((await admin.post(`/api/dry-runs/${id}/leave`, {})).status).toBe(204)
        expect((await row(id)).s).toBeLessThanOrEqual(LEFT_S)
        expect((await admin.json(`/api/dry-runs/${id}`)).state).toBe('running')
        expect((await row(id)).s).toBeGreaterThan(100)
        expect((await admin.delete(`/api/dry-runs/${id}`)).status).toBe(204)
        expect((await admin.post(`/api/dry-runs/${id}/leave`, {})).status).toBe(204)
        expect((await row(id)).state).toBe('cancelled')
        expect((await admin.post(`/api/dry-runs/${randomUUID()}/leave`, {})).status).toBe(404)
      },
    )

    test('tells its page that the server was stopped, not that somebody cancelled it', LIMIT, async () => {
      const stopped = createDryRunJobs({
        ...{ database: city.database, dryRuns: lasting, clock: systemClock, log: silentLog },
      })
      const { id } = await stopped.start(ASKED, 'admin')
      await stopped.close()
      expect(await ended(id)).toMatchObject({
        state: 'failed',
        problem: { code: 'not_ready', why: { code: 'server_ended', facts: {} } },
      })
    })

    test('is ended by a stop that comes while its row is written', LIMIT, async () => {
      const written = Promise.withResolvers<void>()
      const inserting = Promise.withResolvers<string>()
      const slow: Database = {
        transaction: (work) => city.database.transaction(work),
        listen: (channel, onNotify) => city.database.listen(channel, onNotify),
        async query(sql, params) {
          if (sql.includes('insert into dry_runs')) {
            inserting.resolve(String(params?.[0]))
            await written.promise
          }
          return city.database.query(sql, params)
        },
      }
      const stopped = createDryRunJobs({
        ...{ database: slow, dryRuns: lasting, clock: systemClock, log: silentLog },
      })
      const started = stopped.start(ASKED, 'admin')
      const id = await inserting.promise
      const closed = stopped.close()
      written.resolve()
      await Promise.all([started, closed])
      expect(await stopped.find(id)).toMatchObject({
        state: 'failed',
        problem: { code: 'not_ready', why: { code: 'server_ended', facts: {} } },
      })
    })

    test('is one of four at a process, those counted that are begun at once', LIMIT, async () => {
      const jobs = createDryRunJobs({
        ...{ database: city.database, dryRuns: lasting, clock: systemClock, log: silentLog },
      })
      const answers = await Promise.allSettled(Array.from({ length: 6 }, () => jobs.start(ASKED, 'admin')))
      await jobs.close()
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(4)
      const refused = answers.filter((answer) => answer.status === 'rejected')
      expect(refused.map(({ reason }) => (reason as SharpEyesError).code)).toEqual([
        'too_many_requests',
        'too_many_requests',
      ])
    })

    test(
      'gives its page time anew when the database was away: what it asked was lost too',
      LIMIT,
      async () => {
        const rows = createDryRunRows(city.database)
        const id = randomUUID()
        await rows.add(id, ASKED, 'admin')
        await wantedFor(id, -1)
        await city.database.query(`update dry_runs set beat_at = now() - interval '1 hour' where id = $1`, [
          id,
        ])
        expect(await rows.beat(id, { step: 'tracks', share: 0.5 })).toBe(true)
        expect(await row(id)).toMatchObject({ state: 'running' })
        expect((await row(id)).s).toBeGreaterThan(100)
      },
    )

    test('tells who waits behind it that it is in front, whose it is and how far', LIMIT, async () => {
      const disk = Promise.withResolvers<void>()
      const places = { rings: () => ({ flush: () => disk.promise, files: () => [] }), folder: folder.path }
      const runner = createDryRunner({
        ...{ trackLogs: null, clock: systemClock },
        recordings: { places: places as unknown as RingPlaces, mediaTools: testMediaTools() },
      })
      there = (request, watch) => runner.run(request, watch)
      const holders = [{ worker: 'hall', endpoint: { url, secret: SECRET } }]
      way = createDryRuns({ lookup: async () => holders, local: null, log: silentLog })
      const rules = [{ id: 'a', type: 'camera_covered' }]
      const admin = await city.as('admin')
      const item = async (id: string) => (await admin.json(`/api/dry-runs/${id}`)) as DryRunItem
      const ids: string[] = []
      for (const runs of [0, 1, 2]) {
        const { id } = (await (await start(rules)).json()) as DryRunItem
        ids.push(id)
        // Each is in its line before the next comes.
        if (runs === 0)
          await expect.poll(async () => (await item(id)).progress.step, { timeout: 50_000 }).toBe('tracks')
        else await expect.poll(async () => (await item(id)).ahead?.runs, { timeout: 50_000 }).toBe(runs)
      }
      const [first, , last] = ids as [string, string, string]
      const now = { mine: true, camera: CAMERA, progress: { step: 'tracks', share: expect.any(Number) } }
      expect((await item(first)).ahead).toBeNull()
      expect((await item(last)).ahead).toEqual({ runs: 2, now })
      await city.database.query(`update dry_runs set who = 'somebody' where id = $1`, [first])
      expect((await item(last)).ahead).toEqual({ runs: 2, now: { ...now, mine: false } })
      await city.database.query('delete from dry_runs where id = $1', [first])
      expect((await item(last)).ahead).toEqual({ runs: 2, now: null })
      disk.resolve()
      expect(await ended(last)).toMatchObject({ problem: null, state: 'done', ahead: null })
      there = null
    })
  })

  test('one whose server is gone says so', LIMIT, async () => {
    const { id } = await finished([])
    await city.database.query(
      `update dry_runs set state = 'running', findings = null, beat_at = now() - interval '1 minute' where id = $1`,
      [id],
    )
    expect(await ended(id)).toMatchObject({
      state: 'failed',
      problem: { code: 'not_ready', why: { code: 'server_ended' } },
    })
  })

  test.each([
    ['a rule without its zone', [{ id: 'x', type: 'plume', darkness: 2 }], SPAN, 'config_invalid'],
    ['a zone that is not drawn', [{ id: 'x', type: 'fire', zone: 'roof' }], SPAN, 'config_invalid'],
    ['too long a span', [], { from: iso(T0), to: iso(T0 + 90_000_000) }, 'invalid'],
    ['an end before its beginning', [], { from: iso(T0), to: iso(T0 - 1) }, 'invalid'],
  ] as const)('%s is refused', LIMIT, async (_, rules, span, code) => {
    const answer = await start(rules, span)
    expect(answer.status).toBe(422)
    expect(((await answer.json()) as { code: string }).code).toBe(code)
  })

  test(
    'each event has its masked picture while it is recorded; each opening is written down',
    LIMIT,
    async () => {
      const { id, result } = await finished([{ id: 'lane', type: 'lane_blocked', zone: 'lane', for: '50s' }])
      const admin = await city.as('admin')
      const none = await admin.get(`/api/dry-runs/${id}/pictures/0.jpg`)
      expect(none.status).toBe(404)
      recorded.jpeg = new Uint8Array([0xff, 0xd8, 0xff])
      recorded.asked = []
      const picture = await admin.get(`/api/dry-runs/${id}/pictures/1.jpg`)
      expect(picture.status).toBe(200)
      expect(picture.headers.get('content-type')).toBe('image/jpeg')
      const at = Date.parse(result?.events[1]?.at ?? '')
      expect(picture.headers.get('x-captured-at')).toBe(iso(at - 400))
      expect(recorded.asked).toEqual([at])
      const { rows } = await city.database.query<{ who: string; what: string; reason: string }>(
        `select who, what, reason from looks where object = 'camera:gate'`,
      )
      expect(rows).toEqual([{ who: 'admin', what: 'recording', reason: `dry run ${id}, from ${iso(at)}` }])
      expect((await admin.get(`/api/dry-runs/${id}/pictures/99.jpg`)).status).toBe(404)
    },
  )
})
