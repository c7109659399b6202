import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createJobs, type Jobs } from '../../alerts/jobs/jobs.ts'
import type { JobHandlers } from '../../alerts/jobs/queues.ts'
import { runScript } from '../support/child.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const WITHIN_MS = 30_000
let database: TestDatabase
let jobs: Jobs
const ran: string[] = []
let failures = 1
const handlers: JobHandlers = {
  async 'case-clock'({ no }) {
    if (no === 'fails-once' && failures-- > 0) throw new Error('database away')
    ran.push(no)
  },
  async 'alert-unanswered'({ alertId }) {
    ran.push(alertId)
  },
  async 'alert-mute-ended'({ alertId }) {
    ran.push(alertId)
  },
}
const job = (no: string) => ({ no, round: 1, clock: 'accept', action: 'overdue' }) as const

beforeAll(async () => {
  database = await createTestDatabase()
  jobs = await createJobs({ url: database.url, log: silentLog, metrics: recordingMetrics() })
})
afterAll(async () => {
  await jobs[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

describe('jobs', () => {
  test("a dead worker's job runs again within 30 s", async () => {
    const worker = runScript(new URL('./jobs-child.ts', import.meta.url).pathname, [database.url])
    try {
      await database.transaction((tx) => jobs.send(tx, 'case-clock', job('taken-over'), Date.now()))
      await worker.said('taken')
    } finally {
      worker.kill()
    }
    await worker.exited
    expect(ran).toEqual([])
    await jobs.work(handlers)
    await vi.waitFor(() => expect(ran).toContain('taken-over'), { timeout: WITHIN_MS, interval: 200 })
  }, 90_000)

  test('a job is there if and only if its transaction commits, and waits for its time', async () => {
    const many = Array.from({ length: 60 }, (_, i) => `one-of-many-${i}`)
    const rolledBack = database.transaction(async (tx) => {
      await jobs.send(tx, 'case-clock', job('rolled-back'), Date.now())
      throw new Error('no')
    })
    await expect(rolledBack).rejects.toThrow('no')
    await database.transaction(async (tx) => {
      await jobs.send(tx, 'case-clock', job('later'), Date.now() + 3_600_000)
      await jobs.send(tx, 'case-clock', job('fails-once'), Date.now())
      for (const name of many) await jobs.send(tx, 'case-clock', job(name), Date.now())
      await jobs.send(tx, 'alert-unanswered', { alertId: 'now', repeat: 1 }, Date.now())
    })
    await vi.waitFor(() => expect(ran).toEqual(expect.arrayContaining(['now', 'fails-once', ...many])), {
      timeout: WITHIN_MS,
      interval: 100,
    })
    expect(ran.filter((name) => many.includes(name))).toHaveLength(60)
    expect(ran).not.toContain('rolled-back')
    expect(ran).not.toContain('later')
    const waiting = await database.query(
      "select data ->> 'no' as no from jobs.job where name = 'case-clock' and state = 'created'",
    )
    expect(waiting.rows).toEqual([{ no: 'later' }])
  }, 60_000)
})
