import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createControlPlane } from '../../adapters/postgres/control-plane.ts'
import { dropOldCoverage } from '../../adapters/postgres/coverage.ts'
import type { CAMERA_STATES, CameraStatus } from '../../core/ports/control.ts'
import { readCoverage } from '../../dashboard-api/workers/coverage.ts'
import { cameraStatus, configureCameras } from '../contract/control-plane.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(() => configureCameras(database, 1))

const facts = (name: string, model: string | null = 'street-1') => ({
  name,
  version: '0.1.0',
  model,
  endpoint: null,
})
const CAMERAS = ['cam-000', 'cam-001', 'cam-002']

/** Time passes: everything that was, was so much earlier. */
async function pass(seconds: number): Promise<void> {
  await database.transaction(async (tx) => {
    const by = `make_interval(secs => ${seconds})`
    await tx.query(`update camera_leases set until = until - ${by}`)
    await tx.query(`update coverage set from_at = from_at - ${by}, to_at = to_at - ${by}`)
    await tx.query(
      `update workers set last_seen = last_seen - ${by}, started_at = started_at - ${by}, first_seen = first_seen - ${by}`,
    )
    await tx.query(`update control_state set seen_at = seen_at - ${by}, returned_at = returned_at - ${by}`)
  })
}

interface Interval {
  readonly camera: string
  readonly worker: string
  readonly epoch: string
  /** Seconds; negative: before now. */
  readonly from: number
  readonly to: number
  readonly state: string
}

/** Intervals of the past, oldest first; `at` is now. */
async function intervals(): Promise<readonly Interval[]> {
  const { rows } = await database.query<Interval>(
    `select camera, worker, epoch, state, extract(epoch from from_at)::float8 as from, extract(epoch from to_at)::float8 as to
     from coverage where to_at > from_at order by camera, from_at, id`,
  )
  return rows
}

/** Never two at once, whoever they are of. */
const overlaps = async () =>
  (
    await database.query(
      `select a.camera, a.epoch as one, b.epoch as other from coverage a join coverage b on b.camera = a.camera and b.id > a.id
       where a.from_at < b.to_at and b.from_at < a.to_at`,
    )
  ).rows

const hold = async (worker: string, status: Partial<CameraStatus>[] = [], model?: string | null) => {
  const plane = createControlPlane(database)
  return (
    await plane.hold(
      facts(worker, model),
      100,
      status.map((one) => cameraStatus(one.camera ?? 'cam-000', one)),
    )
  ).cameras
}
const shape = async () =>
  (await intervals()).map(({ from, to, state, epoch }) => [state, epoch, Math.round(to - from)])
const ago = (seconds: number) => Date.now() - seconds * 1_000

describe('intervals', () => {
  test('begin with the lease, are carried on while nothing changes, and change when the worker says', async () => {
    await hold('a')
    await pass(5)
    await hold('a', [{ since: ago(3) }])
    for (let n = 0; n < 3; n += 1) {
      await pass(5)
      await hold('a', [{ since: ago(8 + 5 * n) }])
    }
    await pass(5)
    await hold('a', [{ state: 'offline', since: ago(1) }])
    expect(await shape()).toEqual([
      ['connecting', '1', 2],
      ['online', '1', 22],
      ['offline', '1', 1],
    ])
    expect((await intervals()).map(({ to }) => to).slice(0, -1)).toEqual(
      (await intervals()).map(({ from }) => from).slice(1),
    )
  })

  test('a worker whose clock is wrong moves a change by no more than one period', async () => {
    await hold('a', [])
    await pass(5)
    await hold('a', [{ since: ago(10_000) }])
    await pass(5)
    await hold('a', [{ state: 'stalled', since: ago(-10_000) }])
    await pass(5)
    await hold('a', [{ state: 'online', since: Number.MAX_SAFE_INTEGER }])
    await pass(5)
    await hold('a', [{ state: 'online', since: 0 }])
    expect(await shape()).toEqual([
      ['online', '1', 10],
      ['stalled', '1', 5],
      ['online', '1', 5],
    ])
  })

  test('another model, and other types that are not watched, begin another interval', async () => {
    const blind = { unavailable: [{ type: 'fire', reason: 'no model' }] }
    await hold('a', [{}])
    for (const [status, model] of [
      [{}, 'street-1'],
      [blind, 'street-1'],
      [blind, 'street-1'],
      [blind, null],
    ] as const) {
      await pass(5)
      await hold('a', [{ state: 'connecting', ...status }], model)
    }
    const { rows } = await database.query(
      'select model, unavailable from coverage where to_at > from_at order by id',
    )
    expect(rows).toEqual([
      { model: 'street-1', unavailable: [] },
      { model: 'street-1', unavailable: ['fire'] },
    ])
    await pass(5)
    await hold('a', [{ state: 'connecting', ...blind }], null)
    expect((await database.query('select model from coverage order by id desc limit 1')).rows).toEqual([
      { model: null },
    ])
  })

  test('a hole stays a hole: of a silent holder, and between two holders', async () => {
    await hold('a')
    await pass(5)
    await hold('a', [{ since: ago(5) }])
    await pass(21)
    await hold('a', [{ since: ago(26) }])
    await pass(4)
    await hold('a', [{ since: ago(30) }])
    await pass(30)
    await hold('b')
    await pass(21)
    await hold('b')
    const all = (await intervals()).filter(({ from, to }) => to - from > 1)
    expect(all.map(({ worker, from, to }) => [worker, Math.round(to - from)])).toEqual([
      ['a', 5],
      ['a', 4],
    ])
    expect(Math.round((all[1]?.from ?? 0) - (all[0]?.to ?? 0))).toBe(21)
  })

  test('no interval is longer than a day', async () => {
    await hold('a')
    await database.query("update coverage set from_at = from_at - interval '25 hours'")
    await pass(5)
    await hold('a', [{ state: 'connecting' }])
    await pass(5)
    await hold('a', [{ state: 'connecting' }])
    expect(await shape()).toEqual([
      ['connecting', '1', 25 * 3_600 + 5],
      ['connecting', '1', 5],
    ])
  })
})

test('five workers that race for expired cameras: intervals never overlap', async () => {
  await configureCameras(database, 3)
  const workers = ['a', 'b', 'c', 'd', 'e']
  for (let round = 0; round < 20; round += 1) {
    await Promise.all(
      workers.map(async (worker, n) => {
        const status = CAMERAS.map((camera) => ({ camera, since: ago(1) }))
        await hold(worker, status)
        if ((round + n) % 4 === 0) await createControlPlane(database).release(worker, 'all')
        await hold(worker, status)
      }),
    )
    await pass(round % 3 === 2 ? 25 : 5)
  }
  expect((await intervals()).length).toBeGreaterThan(20)
  expect(await overlaps()).toEqual([])
})

describe('any history of holds, kills and take-overs', () => {
  type State = (typeof CAMERA_STATES)[number]
  interface Seen {
    readonly camera: string
    readonly worker: string
    readonly epoch: number
    /** Seconds, on a scale on which time never jumps. */
    readonly at: number
    readonly state: State
  }
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('hold' as const),
        worker: fc.constantFrom('a', 'b', 'c'),
        state: fc.constantFrom<State>('online', 'online', 'online', 'stalled', 'offline'),
        /** How long the state has lasted, seconds. */
        lasted: fc.integer({ min: 0, max: 30 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 8 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 21, max: 60 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('release' as const), worker: fc.constantFrom('a', 'b', 'c') }),
    },
  )

  test('leaves no unexplained hole, no overlap, and nothing that nobody saw', {
    timeout: 240_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        await configureCameras(database, CAMERAS.length)
        const seen: Seen[] = []
        let passed = 0
        for (const action of steps) {
          if (action.kind === 'pass') {
            await pass(action.seconds)
            passed += action.seconds
          } else if (action.kind === 'release') {
            await createControlPlane(database).release(action.worker, 'all')
          } else {
            const status = CAMERAS.map((camera) => ({
              camera,
              state: action.state,
              since: ago(action.lasted),
            }))
            const before = await database.query<{ camera: string; epoch: string }>(
              'select camera, epoch from camera_leases where worker = $1',
              [action.worker],
            )
            const had = new Set(before.rows.map((row) => `${row.camera} ${row.epoch}`))
            const held = await hold(action.worker, status)
            const { rows } = await database.query<{ at: number }>(
              'select extract(epoch from last_seen)::float8 as at from workers where name = $1',
              [action.worker],
            )
            const see = (key: string, state: State) => {
              const [camera = '', epoch] = key.split(' ')
              const at = (rows[0]?.at ?? 0) + passed
              seen.push({ camera, worker: action.worker, epoch: Number(epoch), at, state })
            }
            // A status counts for a camera that the worker had when it called, also for one that it then gives away.
            for (const key of had) see(key, action.state)
            for (const { camera, epoch } of held) {
              const key = `${camera.id} ${epoch}`
              if (!had.has(key)) see(key, 'connecting')
            }
          }
        }
        expect(await overlaps()).toEqual([])
        const all = (await intervals()).map((one) => ({
          ...one,
          from: one.from + passed,
          to: one.to + passed,
        }))
        check(seen, all)
      }),
      { numRuns: 30, seed: 7, endOnFailure: true },
    )
  })

  const NEAR = 0.001
  const near = (a: number, b: number) => Math.abs(a - b) < NEAR

  function check(seen: readonly Seen[], all: readonly Interval[]): void {
    const holdings = Map.groupBy(seen, ({ camera, worker, epoch }) => `${camera} ${worker} ${epoch}`)
    const written = Map.groupBy(all, ({ camera, worker, epoch }) => `${camera} ${worker} ${epoch}`)
    expect([...written.keys()].filter((key) => !holdings.has(key))).toEqual([])
    for (const [key, calls] of holdings) {
      const own = written.get(key) ?? []
      for (const [before, call] of calls.slice(1).map((call, n) => [calls[n], call] as const)) {
        if (!before || near(before.at, call.at)) continue
        const inside = own.filter(({ from, to }) => from >= before.at - NEAR && to <= call.at + NEAR)
        const touching = own.filter(({ from, to }) => from < call.at - NEAR && to > before.at + NEAR)
        const gap = call.at - before.at
        if (gap > 20 + NEAR) {
          expect(touching, `${key}: what nobody saw for ${gap} s is a hole`).toEqual([])
          continue
        }
        const covered = touching.reduce(
          (sum, { from, to }) => sum + Math.min(to, call.at) - Math.max(from, before.at),
          0,
        )
        expect(near(covered, gap), `${key}: ${covered} of ${gap} s are covered`).toBe(true)
        const last = touching.at(-1)
        // A state that began in the very moment of the call has had no time yet.
        if (last && before.state === call.state) expect(last.state, key).toBe(call.state)
        expect(inside.length).toBeLessThanOrEqual(2)
      }
      const [first, last] = [calls[0]?.at ?? 0, calls.at(-1)?.at ?? 0]
      expect(
        own.every(({ from, to }) => from >= first - NEAR && to <= last + NEAR),
        key,
      ).toBe(true)
    }
  }
})

describe('reading', () => {
  const at = (hour: number) => new Date(Date.UTC(2026, 2, 1, hour))
  beforeEach(async () => {
    await database.query(
      `insert into coverage (camera, worker, epoch, from_at, to_at, state, model, unavailable)
       select camera, 'hall/one', 3, $1::timestamptz + make_interval(hours => h), $1::timestamptz + make_interval(hours => h + 1),
              'online', 'street-1', '{fire}'
       from unnest(array['cam-000', 'cam-001']) camera, generate_series(0, 9) h`,
      [at(0)],
    )
  })
  const read = (asked: Partial<Parameters<typeof readCoverage>[1]>) =>
    readCoverage(database, { from: at(0), to: at(24), limit: 100, ...asked })

  test('of one camera or of all, what touches the time asked for, newest first', async () => {
    expect((await read({})).items).toHaveLength(20)
    const some = (await read({ camera: 'cam-001', from: at(3), to: at(5) })).items
    expect(some.map(({ from, to }) => [from, to])).toEqual([
      [at(4).toISOString(), at(5).toISOString()],
      [at(3).toISOString(), at(4).toISOString()],
    ])
    expect(some[0]).toMatchObject({ camera: 'cam-001', worker: 'hall/one', epoch: 3, state: 'online' })
    expect(some[0]).toMatchObject({ model: 'street-1', unavailable: ['fire'] })
  })

  test('in pages, each interval once', async () => {
    const pages: string[] = []
    let cursor: string | undefined
    do {
      const page = await read({ limit: 7, cursor })
      pages.push(...page.items.map(({ camera, from }) => `${camera} ${from}`))
      cursor = page.next ?? undefined
    } while (cursor)
    expect(pages).toHaveLength(20)
    expect(new Set(pages).size).toBe(20)
    expect(pages.map((line) => line.split(' ')[1])).toEqual(
      pages
        .map((line) => line.split(' ')[1])
        .sort()
        .reverse(),
    )
  })

  test('after 400 days it is dropped', async () => {
    await database.query(
      "update coverage set to_at = now() - interval '401 days', from_at = now() - interval '402 days' where camera = 'cam-000'",
    )
    await database.query(
      "update coverage set to_at = now() - interval '399 days', from_at = now() - interval '402 days' where camera = 'cam-001'",
    )
    expect(await dropOldCoverage(database)).toBe(10)
    expect((await database.query('select distinct camera from coverage')).rows).toEqual([
      { camera: 'cam-001' },
    ])
  })
})
