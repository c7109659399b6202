import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { connectPostgres } from '../../adapters/postgres/database.ts'
import { head, type PositionedChange, readChanges } from '../../alerts/changes/read.ts'
import { runSequencer, sequenceOnce } from '../../alerts/changes/sequencer.ts'
import { writeChange } from '../../core/changes.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  await database.query('truncate changes, audit_nodes restart identity')
  await database.query('update change_head set pos = 0')
  await database.query('update audit_head set size = 0')
})

const deps = () => ({ database, clock: systemClock, log: silentLog, metrics: recordingMetrics() })
const write = (key: string, payload: Record<string, unknown> = {}) =>
  database.transaction((tx) => writeChange(tx, { topic: 'alert', key, payload }))
const keys = (changes: readonly PositionedChange[]) => changes.map((change) => change.key)

test('positions are gapless, start at 1 and follow the order of id', async () => {
  for (const key of ['a', 'b', 'c']) await write(key)
  expect(await sequenceOnce(deps())).toEqual({ count: 3, standby: false, tree: 'whole' })
  expect(await head(database)).toBe('3')
  const changes = await readChanges(database, '0', 10)
  expect(changes.map(({ pos, key }) => [pos, key])).toEqual([
    ['1', 'a'],
    ['2', 'b'],
    ['3', 'c'],
  ])
  expect(keys(await readChanges(database, '1', 1))).toEqual(['b'])
  expect(await sequenceOnce(deps())).toEqual({ count: 0, standby: false, tree: 'whole' })
})

test('a position is text of any size, and nonsense is refused', async () => {
  await database.query('update change_head set pos = 9007199254740993')
  await write('far')
  await sequenceOnce(deps())
  expect(await head(database)).toBe('9007199254740994')
  expect(await readChanges(database, '9007199254740993', 5)).toMatchObject([{ pos: '9007199254740994' }])
  for (const bad of ['', '-1', '1.5', 'x', '1; drop table changes', '9'.repeat(30)])
    await expect(readChanges(database, bad, 5)).rejects.toMatchObject({ code: 'bad_request' })
})

test('a transaction that commits late gets a later position and is not skipped', async () => {
  const opened = Promise.withResolvers<void>()
  const mayCommit = Promise.withResolvers<void>()
  const slow = database.transaction(async (tx) => {
    await writeChange(tx, { topic: 'alert', key: 'slow', payload: {} })
    opened.resolve()
    await mayCommit.promise
  })
  await opened.promise
  await write('quick')
  await sequenceOnce(deps())
  expect(keys(await readChanges(database, '0', 10))).toEqual(['quick'])
  mayCommit.resolve()
  await slow
  await sequenceOnce(deps())
  expect(keys(await readChanges(database, '1', 10))).toEqual(['slow'])
})

test('while one sequencer works another stands by, and a dead one leaves no gap', async () => {
  await write('a')
  await using other = connectPostgres({ url: database.url, log: silentLog, max: 1 })
  const pid = await other.query<{ pid: number }>('select pg_backend_pid() as pid')
  const inside = Promise.withResolvers<void>()
  const stay = Promise.withResolvers<void>()
  // Stops right before the commit: its positions are given, but not there yet.
  const dying = sequenceOnce({
    ...deps(),
    database: {
      ...other,
      transaction: (work) =>
        other.transaction(async (tx) => {
          const result = await work(tx)
          inside.resolve()
          await stay.promise
          return result
        }),
    },
  }).catch((error: Error) => error)
  await inside.promise
  expect(await sequenceOnce(deps())).toEqual({ count: 0, standby: true, tree: null })
  await database.query('select pg_terminate_backend($1)', [pid.rows[0]?.pid])
  stay.resolve()
  expect(await dying).toBeInstanceOf(Error)
  expect(await head(database)).toBe('0')
  expect(await sequenceOnce(deps())).toEqual({ count: 1, standby: false, tree: 'whole' })
  expect(await readChanges(database, '0', 10)).toMatchObject([{ pos: '1', key: 'a' }])
})

/** Reads like SSE does: keeps a position, asks for what comes after it. */
async function tail(until: number): Promise<readonly PositionedChange[]> {
  const seen: PositionedChange[] = []
  while (seen.length < until) {
    const next = await readChanges(database, seen.at(-1)?.pos ?? '0', 7)
    seen.push(...next)
    if (next.length === 0) await systemClock.sleep(5)
  }
  return seen
}

test('eight writers, long and short transactions, sequencers killed: each change once, in order, gapless', async () => {
  const WRITERS = 8
  const EACH = 40
  await database.query('create table counters (key text primary key, value integer not null)')
  await database.query("insert into counters select 'key-' || n, 0 from generate_series(0, 4) as n")
  await using writers = connectPostgres({ url: database.url, log: silentLog, max: WRITERS })
  const pidsOf = async (name: string) =>
    (
      await database.query<{ pid: number }>('select pid from pg_stat_activity where application_name = $1', [
        name,
      ])
    ).rows.map((row) => row.pid)
  const committedAt = new Map<string, number>()

  /** Increments a counter under its lock, and now and then holds the transaction open. */
  const writer = async (index: number) => {
    for (let n = 0; n < EACH; n += 1) {
      const key = `key-${(index + n) % 5}`
      let value = 0
      await writers.transaction(async (tx) => {
        const next = await tx.query<{ value: number }>(
          'update counters set value = value + 1 where key = $1 returning value',
          [key],
        )
        value = next.rows[0]?.value ?? -1
        await writeChange(tx, { topic: 'alert', key, payload: { value } })
        if ((index + n) % 7 === 0) await tx.query('select pg_sleep(0.03)')
      })
      committedAt.set(`${key} ${value}`, Date.now())
    }
  }

  const stop = new AbortController()
  const sequencers = ['sequencer-a', 'sequencer-b'].map((name) => {
    const own = connectPostgres({ url: database.url, log: silentLog, max: 1, name })
    const done = runSequencer({ ...deps(), database: own, signal: stop.signal })
    return { own, done, name }
  })
  let kills = 0
  const killer = async () => {
    while (!stop.signal.aborted) {
      for (const { name } of sequencers) {
        for (const pid of await pidsOf(name)) {
          await database.query('select pg_terminate_backend($1)', [pid])
          kills += 1
        }
        await systemClock.sleep(120, stop.signal).catch(() => undefined)
      }
    }
  }
  const killing = killer()
  const reading = tail(WRITERS * EACH)
  await Promise.all(Array.from({ length: WRITERS }, (_, index) => writer(index)))
  const lastCommit = Math.max(...committedAt.values())
  const seen = await reading
  const positionedAt = Date.now()
  stop.abort()
  await killing
  for (const { own, done } of sequencers) {
    await done
    await own[Symbol.asyncDispose]()
  }

  expect(kills).toBeGreaterThan(1)
  expect(seen.map((change) => change.pos)).toEqual(
    Array.from({ length: WRITERS * EACH }, (_, index) => String(index + 1)),
  )
  const byKey = Map.groupBy(seen, (change) => change.key)
  for (const changes of byKey.values())
    expect(changes.map((change) => change.payload.value)).toEqual(changes.map((_, index) => index + 1))
  expect([...byKey.values()].flat()).toHaveLength(WRITERS * EACH)
  // Invariant 9, although sequencers die eight times a second.
  expect(positionedAt - lastCommit).toBeLessThan(5_000)
})

test('a running sequencer is woken by the commit, tells its readers, and ends when asked', async () => {
  const stop = new AbortController()
  const running = runSequencer({ ...deps(), signal: stop.signal })
  let told = Promise.withResolvers<void>()
  await using _listener = await database.listen('positions', () => told.resolve())
  await told.promise // once at the start
  told = Promise.withResolvers<void>()
  await write('a')
  await told.promise
  expect(keys(await readChanges(database, '0', 10))).toEqual(['a'])
  stop.abort()
  await running
})
