import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { runSequencer, sequenceOnce } from '../../alerts/changes/sequencer.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import type { Plan } from './publish-child.ts'
import { writeNumbered } from './publish-fixture.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  await database.query('truncate changes restart identity')
  await database.query('update change_head set pos = 0')
  await database.query('update change_publisher set pos = 0')
})

interface Line {
  readonly key: string
  readonly message: { id: string; data: { notification: { attempt: number } } }
}

/** Runs a publisher with a plan, and kills it after so many lines. What it printed is on the bus. */
async function publisher(plan: Plan, killAfter?: number) {
  const script = new URL('./publish-child.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script, database.url, plan], { stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: Line[] = []
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(JSON.parse(line) as Line)
    if (lines.length === killAfter) child.kill('SIGKILL')
  })
  const signal = await new Promise<string | null>((done, fail) => {
    child.once('error', fail)
    child.once('close', (_, name) => done(name))
  })
  return { lines, signal, stderr }
}

const deps = () => ({ database, clock: systemClock, log: silentLog, metrics: recordingMetrics() })
const position = async () => (await database.query('select pos::text as pos from change_publisher')).rows

test('killed before and after the broker has it: the same messages under the same ids', async () => {
  for (let n = 1; n <= 30; n += 1) await writeNumbered(database, 'case', n)
  await sequenceOnce(deps())
  const before = await publisher('die_before')
  expect(before).toMatchObject({ lines: [], signal: 'SIGKILL' })
  const after = await publisher('die_after')
  expect(after).toMatchObject({ signal: 'SIGKILL', stderr: '' })
  expect(after.lines).toHaveLength(30)
  expect(await position()).toEqual([{ pos: '0' }])
  const last = await publisher('empty')
  expect(last).toMatchObject({ signal: null, stderr: '' })
  expect(last.lines).toEqual(after.lines)
  expect(await position()).toEqual([{ pos: '30' }])
  expect((await publisher('empty')).lines).toEqual([])
})

test('kill -9 at any moment while changes flow: every change is on the bus, in order', async () => {
  const stop = new AbortController()
  const sequencing = runSequencer({ ...deps(), signal: stop.signal })
  let written = 0
  const writing = (async () => {
    while (!stop.signal.aborted) {
      written += 1
      await writeNumbered(database, `case-${written % 3}`, written)
    }
  })()
  const bus: Line[] = []
  for (const count of [3, 90, 41, 200]) {
    const { lines, signal, stderr } = await publisher('flow', count)
    expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' })
    bus.push(...lines)
  }
  stop.abort()
  await Promise.all([writing, sequencing])
  await sequenceOnce(deps())
  while ((await sequenceOnce(deps())).count > 0);
  bus.push(...(await publisher('empty')).lines)
  const copies = Map.groupBy(bus, ({ message }) => message.id)
  expect(copies.size).toBe(written)
  for (const same of copies.values()) expect(same).toEqual(same.map(() => same[0]))
  const first = [...copies.values()].map(([line]) => line)
  for (const lines of Map.groupBy(first, (line) => line?.key).values()) {
    const numbers = lines.map((line) => line?.message.data.notification.attempt ?? 0)
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  }
})
