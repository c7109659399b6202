import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { connectPostgres } from '../../adapters/postgres/database.ts'
import { createDirectTransport } from '../../adapters/transport/direct.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import { runDrain } from '../../ingest/spool/drain.ts'
import { openSpool } from '../../ingest/spool/spool.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { waitUntil } from '../support/wait-until.ts'
import type { Plan } from './inbox-child.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  await database.query('truncate inbox, events, event_state, alerts, changes, picture_requests cascade')
})

/** Runs the worker with a plan. `promised`: ids of the events whose `publish` had resolved. */
async function work(folder: string, plan: Plan, killAfterEvents?: number) {
  const script = new URL('./inbox-child.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script, folder, database.url, JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const promised: string[] = []
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    promised.push(line)
    if (promised.length === killAfterEvents) child.kill('SIGKILL')
  })
  const signal = await new Promise<string | null>((done, fail) => {
    child.once('error', fail)
    child.once('close', (_, name) => done(name))
  })
  return { promised, signal, stderr }
}

const rows = async (sql: string) => (await database.query(sql)).rows
const recover = async (folder: string) => {
  expect(await work(folder, { kind: 'recover' })).toMatchObject({ signal: null, stderr: '' })
}
const oneAlert = async (eventId: string | undefined) => {
  expect(await rows('select event_id, occurrences, state from alerts')).toEqual([
    { event_id: eventId, occurrences: 1, state: 'firing' },
  ])
  expect(await rows('select kind, epoch, seq from events order by seq')).toEqual([
    { kind: 'start', epoch: '1', seq: '1' },
    { kind: 'update', epoch: '1', seq: '2' },
  ])
  expect(await rows("select payload ->> 'kind' as kind from changes where topic = 'alert'")).toContainEqual({
    kind: 'opened',
  })
}

describe('kill -9', () => {
  test('after the commit of the spool: the event exists', async () => {
    await using folder = await tempFolder()
    const { promised, signal } = await work(folder.path, { kind: 'die_after_spool' })
    expect(signal).toBe('SIGKILL')
    expect(promised).toHaveLength(1)
    expect(await rows('select * from inbox')).toEqual([])
    await recover(folder.path)
    await oneAlert(promised[0])
  })

  test.each([
    ['inside the transaction of the inbox', 'die_in_inbox', 0],
    ['after the commit of the inbox and before the delete of the spool', 'die_after_inbox', 2],
  ] as const)('%s: one alert, nothing doubled', async (_, kind, inInbox) => {
    await using folder = await tempFolder()
    const { promised } = await work(folder.path, { kind: 'die_after_spool' })
    for (let time = 0; time < 2; time += 1) {
      expect(await work(folder.path, { kind })).toMatchObject({ signal: 'SIGKILL', stderr: '' })
      expect(await rows('select id from inbox')).toHaveLength(inInbox)
    }
    await recover(folder.path)
    await oneAlert(promised[0])
    await recover(folder.path) // the spool is empty now: again changes nothing
    await oneAlert(promised[0])
    expect(await rows("select key from changes where payload ->> 'kind' = 'opened'")).toHaveLength(1)
  })

  test('at any moment while events flow: every promised event has its one alert', async () => {
    await using folder = await tempFolder()
    const promised: string[] = []
    for (const count of [7, 40, 101]) {
      const run = await work(folder.path, { kind: 'flow' }, count)
      expect(run).toMatchObject({ signal: 'SIGKILL', stderr: '' })
      promised.push(...run.promised)
    }
    await recover(folder.path)
    const states = await rows('select event_id, seq from event_state')
    const known = new Set(states.map((row) => row.event_id))
    expect(promised.filter((id) => !known.has(id))).toEqual([])
    expect(promised.length).toBeGreaterThanOrEqual(148)
    // A camera's name comes back in each run: its alert is still open, and the new event joins it.
    const [sums] = await rows(
      'select count(*)::int as alerts, count(distinct fingerprint)::int as prints, sum(occurrences)::int as events from alerts',
    )
    expect(sums).toEqual({ alerts: sums?.prints, prints: sums?.prints, events: known.size })
    // Who comes after them knows every open event and never uses a seq again: else an end would be stale or a repeat.
    expect(await work(folder.path, { kind: 'end_all' })).toMatchObject({ signal: null, stderr: '' })
    expect(await rows('select event_id from event_state where not ended')).toEqual([])
    expect(await rows('select distinct state from alerts')).toEqual([{ state: 'resolved' }])
    const twice = await rows('select event_id from events group by event_id, epoch, seq having count(*) > 1')
    expect(twice).toEqual([])
  })
})

test('connections that break again and again while events flow: none lost, none doubled', async () => {
  await using folder = await tempFolder()
  const name = 'sharp-eyes-broken'
  const victim = connectPostgres({ url: database.url, log: silentLog, max: 2, name })
  const deps = { clock: systemClock, log: silentLog, metrics: recordingMetrics() }
  const spool = await openSpool({ folder: folder.path, ...deps, limits: { ballastBytes: 4_096 } })
  const transport = createDirectTransport({ 'hazard.events.v1': createInbox({ database: victim, ...deps }) })
  const stop = new AbortController()
  const draining = runDrain({ spool, transport, ...deps, signal: stop.signal, batch: 5 })
  const events = Array.from({ length: 120 }, (_, n) => hazardEvent({ zone: `zone-${n}` }))
  let kills = 0
  for (const [n, event] of events.entries()) {
    await spool.append(hazardMessage(event, { kind: 'start', seq: 1 }))
    if (n % 20 !== 19) continue
    const killed = await database.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
      [name],
    )
    kills += killed.rowCount
  }
  await waitUntil('the spool is empty', () => spool.facts.records === 0)
  stop.abort()
  await draining
  expect(kills).toBeGreaterThan(0)
  expect(await rows('select count(*)::int as alerts, sum(occurrences)::int as events from alerts')).toEqual([
    { alerts: 120, events: 120 },
  ])
  expect(await rows('select count(*)::int as n from events')).toEqual([{ n: 120 }])
  await spool[Symbol.asyncDispose]()
  await victim[Symbol.asyncDispose]()
})
