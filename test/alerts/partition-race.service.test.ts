import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { partitionOf } from '../../alerts/partitions/partitions.ts'
import { toMessage } from '../../core/event.ts'
import type { MessageReceiver } from '../../core/ports/messages.ts'
import { hazardEvent } from '../support/events.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { packetOf, sensorSite } from './sensors-fixture.ts'

const DAY_MS = 86_400_000

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

const count = async (table: string) =>
  (await database.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows[0]?.n

/** What comes late is on its way into the default partition while maintenance makes the partition of its day. */
async function receiveDuringMove(
  table: 'events' | 'readings',
  at: number,
  receive: () => ReturnType<MessageReceiver['receive']>,
): Promise<void> {
  const { name, from, to } = partitionOf(table, at)
  const received = await database.transaction(async (tx) => {
    await tx.query(`lock table ${table}_default in access exclusive mode`)
    const receiving = receive()
    receiving.catch(() => undefined) // looked at below
    const waiting = `select 1 from pg_locks where relation = '${table}_default'::regclass and not granted`
    await expect.poll(async () => (await database.query(waiting)).rows.length).toBe(1)
    await tx.query(`create table ${name} (like ${table} including defaults including constraints)`)
    await tx.query(`alter table ${table} attach partition ${name} for values from ('${from}') to ('${to}')`)
    return { receiving }
  })
  expect(await received.receiving).toEqual([])
  expect(await count('dead_letters')).toBe(0)
  expect(await count(name)).toBe(1)
}

test('a reading whose day gets its partition while it is written is stored there', async () => {
  const { readings } = sensorSite(database)
  const at = Date.now() - 5 * DAY_MS
  const reading = {
    factor: 'a34004',
    period: 'instant',
    statistic: 'value',
    at,
    value: 35.2,
    flag: 'N',
  } as const
  await receiveDuringMove('readings', at, () => readings.receive([packetOf('late', Date.now(), [reading])]))
})

test('an event whose day gets its partition while it is written is stored there', async () => {
  const { inbox } = sensorSite(database)
  const at = Date.now() - 6 * DAY_MS
  const event = hazardEvent({ id: randomUUID(), since: at, startedAt: at, lastSeenAt: at })
  const message = toMessage(event, { kind: 'start', epoch: 1, seq: 1, worker: 'worker-1', at })
  await receiveDuringMove('events', at, () => inbox.receive([message]))
})
