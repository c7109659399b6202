import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeSchema } from '../../adapters/postgres/catalogue.ts'
import { migrate } from '../../adapters/postgres/migrate.ts'
import { silentLog } from '../support/log.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database[Symbol.asyncDispose]())

test('a migrated database is migrated again without effect', async () => {
  expect(await migrate(database, silentLog)).toEqual([])
})

test('a database of a newer program is refused', async () => {
  await using newer = await createTestDatabase()
  await newer.query("insert into migrations (name) values ('9999-future.sql')")
  await expect(migrate(newer, silentLog)).rejects.toThrow(/9999-future.sql.*newer version/)
})

test('a transaction that throws leaves nothing', async () => {
  const failing = database.transaction(async (tx) => {
    await tx.query('insert into case_numbers (year, last) values (1999, 1)')
    throw new Error('stop')
  })
  await expect(failing).rejects.toThrow('stop')
  expect((await database.query('select * from case_numbers where year = 1999')).rows).toEqual([])
})

test('a listener is called once at the start and again for a notification', async () => {
  let calls = 0
  let heard = Promise.withResolvers<void>()
  await using _listener = await database.listen('changes', () => {
    calls += 1
    heard.resolve()
  })
  await heard.promise
  heard = Promise.withResolvers<void>()
  await database.query("select pg_notify('changes', '')")
  await heard.promise
  expect(calls).toBeGreaterThanOrEqual(2)
})

test('the committed schema is what the migrations give', async () => {
  const committed = readFileSync(new URL('../../adapters/postgres/schema.txt', import.meta.url), 'utf8')
  expect(committed.split('\n').length).toBeGreaterThan(100)
  expect(await describeSchema(database), 'run "npm run db:dump" and commit the result').toBe(committed)
})
