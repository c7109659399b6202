import { readdir, readFile } from 'node:fs/promises'
import { SharpEyesError } from '../../core/errors.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { adoptTimescale } from './timescale.ts'

const FOLDER = new URL('./migrations/', import.meta.url)
/** Any number will do as long as it is always this one: two migrators must not run at once. */
const MIGRATION_LOCK = 7_382_140_591

/**
 * Applies the numbered files of `migrations/` that the database does not have yet, forward only, each in a
 * transaction. A database that knows a newer migration than this program is refused. Returns the names applied.
 * `only`: no others than these (a backup goes into the schema that it came from, and is migrated then). With all of them
 * applied, what TimescaleDB can do is looked at and used; `adopt`: also for tables that are large.
 */
export async function migrate(
  database: Database,
  log: Log,
  only?: readonly string[],
  options: { readonly adopt?: boolean } = {},
): Promise<readonly string[]> {
  const applied = await applyFiles(database, log, only)
  if (!only) await adoptTimescale(database, log, options.adopt ? Number.POSITIVE_INFINITY : undefined)
  return applied
}

async function applyFiles(
  database: Database,
  log: Log,
  only: readonly string[] | undefined,
): Promise<readonly string[]> {
  const files = (await readdir(FOLDER)).filter((name) => /^\d{4}-.*\.sql$/.test(name)).sort()
  return database.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await tx.query(
      'create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())',
    )
    const { rows } = await tx.query<{ name: string }>('select name from migrations')
    const applied = new Set(rows.map((row) => row.name))
    const unknown = [...applied].filter((name) => !files.includes(name))
    if (unknown.length > 0) {
      throw new SharpEyesError(
        'not_ready',
        `the database has migrations that this program does not know (${unknown.join(', ')}): it was migrated by a newer version; start that version`,
      )
    }
    const missing = files.filter((name) => !applied.has(name) && (only?.includes(name) ?? true))
    for (const name of missing) {
      await tx.query(await readFile(new URL(name, FOLDER), 'utf8'))
      await tx.query('insert into migrations (name) values ($1)', [name])
      log.info({ migration: name }, 'migration applied')
    }
    return missing
  })
}
