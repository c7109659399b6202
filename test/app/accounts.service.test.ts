import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createConfigCommands } from '../../adapters/postgres/config-desk.ts'
import { ensureOperator } from '../../app/accounts.ts'
import { listAudit } from '../../dashboard-api/audit/list.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

test('the first accounts are in the audit log and have a version, both by the start, and once', async () => {
  for (let start = 0; start < 2; start++)
    await ensureOperator(database, null, [{ name: 'fire.duty', roles: ['officer'], department: 'fire' }])
  const { items } = await listAudit(database, { limit: 10 }, Date.now() + 60_000)
  expect(items.map(({ object }) => object).sort()).toEqual(['user/fire.duty', 'user/operator'])
  const by = { who: 'start', whoKind: 'machine', reason: 'first log-in' }
  expect(items).toMatchObject([
    { topic: 'config', action: 'added', ...by },
    { topic: 'config', action: 'added', ...by },
  ])
  const versions = await createConfigCommands({ database }).versions('user', 'operator')
  expect(versions).toMatchObject([{ version: 1, actor: 'start', actorKind: 'machine' }])
})

test('a password that is given at each start is set when it is another one, so that sessions go on', async () => {
  const changedAt = async () => {
    await ensureOperator(database, null, [])
    const { rows } = await database.query<{ changed_at: Date }>(
      "select changed_at from credentials where user_name = 'operator'",
    )
    return rows[0]?.changed_at.getTime()
  }
  try {
    vi.stubEnv('SHARP_EYES_PASSWORD', 'first-given')
    const first = await changedAt()
    expect(await changedAt()).toBe(first)
    await database.query("update credentials set must_change = true where user_name = 'operator'")
    expect(await changedAt(), 'it is used as it is').toBeGreaterThan(first ?? Number.POSITIVE_INFINITY)
    vi.stubEnv('SHARP_EYES_PASSWORD', 'second-given')
    expect(await changedAt()).toBeGreaterThan(first ?? Number.POSITIVE_INFINITY)
  } finally {
    vi.unstubAllEnvs()
  }
})
