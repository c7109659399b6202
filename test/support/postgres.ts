import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { connectPostgres, type PostgresDatabase } from '../../adapters/postgres/database.ts'
import { databaseUrl, TEMPLATE_DATABASE } from '../services/global-setup.ts'
import { silentLog } from './log.ts'

export interface TestDatabase extends PostgresDatabase {
  readonly url: string
}

/** Tables that refuse to be emptied. */
const GUARDED = ['changes', 'audit_nodes', 'audit_checkpoints']

/**
 * A fresh, migrated database of its own on the run's real PostgreSQL; dropped on dispose. Tests begin anew, so that the
 * change log may be emptied there; `guarded` leaves its guards on.
 */
export async function createTestDatabase({ guarded = false } = {}): Promise<TestDatabase> {
  const server = inject('postgresUrl')
  const name = `test_${randomBytes(6).toString('hex')}`
  const admin = connectPostgres({ url: server, log: silentLog, max: 1 })
  // Cloning fails while another clone of the template runs in a second worker: the lock lines them up.
  await admin.query('select pg_advisory_lock(1)')
  await admin.query(`create database ${name} template ${TEMPLATE_DATABASE}`)
  await admin.query('select pg_advisory_unlock(1)')
  const url = databaseUrl(server, name)
  const database = connectPostgres({ url, log: silentLog, max: 10 })
  for (const table of guarded ? [] : GUARDED)
    await database.query(`alter table ${table} disable trigger user`)
  return {
    ...database,
    url,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]()
      await admin.query(`drop database ${name} with (force)`)
      await admin[Symbol.asyncDispose]()
    },
  }
}
