import type { Database, Queryable } from '../../core/ports/database.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { becomeHypertable } from './timescale-convert.ts'

/** `by_range` and the views of failing jobs are there from this version on. */
const OLDEST = [2, 13] as const
/** Above this the conversion of a table would stop all writers for minutes: it is then a person's decision. */
const MAX_BYTES_UNASKED = 2 * 2 ** 30
const TABLES = ['events', 'readings'] as const
/** As the migrations: roles that start together must not convert one table twice. */
const MIGRATION_LOCK = 7_382_140_591

type Mode = 'hypertable_full' | 'hypertable_apache' | 'native_partitions'

interface Found {
  readonly mode: Mode
  readonly version: string | null
  readonly note: string | null
}

/**
 * Makes hypertables of `events` and `readings` where TimescaleDB is there, and writes down what the database can do
 * (`history_mode`). Idempotent; runs after the migrations. A database without the extension, or with tables that are too
 * large to convert unasked (2 GiB), stays as it is and the note says why. `maxBytes`: another limit, `Infinity`: none.
 */
export async function adoptTimescale(
  database: Database,
  log: Log,
  maxBytes = MAX_BYTES_UNASKED,
): Promise<Found> {
  const found = await adopt(database, log, maxBytes)
  const { rowCount } = await database.query(
    `update history_mode set mode = $1, version = $2, note = $3,
            since = case when mode = $1 and version is not distinct from $2 then since else now() end
      where (mode, version, note) is distinct from ($1, $2, $3)`,
    [found.mode, found.version, found.note],
  )
  if (rowCount > 0) log.info({ ...found }, 'mode of the history')
  return found
}

async function adopt(database: Database, log: Log, maxBytes: number): Promise<Found> {
  const native = (version: string | null, note: string | null): Found => ({
    mode: 'native_partitions',
    version,
    note,
  })
  const extension = await findExtension(database, log)
  if ('note' in extension) return native(null, extension.note)
  const { version } = extension
  if (isTooOld(version))
    return native(version, `TimescaleDB ${version} is older than ${OLDEST.join('.')}: update the extension`)
  for (const table of TABLES) {
    const note = await database.transaction((tx) => convert(tx, table, maxBytes, log))
    if (note !== null) {
      log.warn({ table }, note)
      return native(version, note)
    }
  }
  const { rows } = await database.query<{ licence: string | null }>(
    "select current_setting('timescaledb.license', true) as licence",
  )
  const licence = rows[0]?.licence ?? 'unknown'
  return licence === 'timescale'
    ? { mode: 'hypertable_full', version, note: null }
    : {
        mode: 'hypertable_apache',
        version,
        note: `timescaledb.license is "${licence}": no compression and no continuous aggregates; our own job keeps the rollups`,
      }
}

/** The installed extension; it is created where the server was started with it and this user may. */
async function findExtension(
  database: Database,
  log: Log,
): Promise<{ readonly version: string } | { readonly note: string | null }> {
  const installed = await installedVersion(database)
  if (installed !== null) return { version: installed }
  const { rows } = await database.query<{ available: boolean; preloaded: string | null }>(
    `select exists (select from pg_available_extensions where name = 'timescaledb') as available,
            (select setting from pg_settings where name = 'shared_preload_libraries') as preloaded`,
  )
  const { available, preloaded } = rows[0] ?? { available: false, preloaded: null }
  if (!available) return { note: null }
  // Not every user may read the setting.
  if (preloaded === null)
    return {
      note: 'TimescaleDB is there but not created in this database: an administrator says "create extension timescaledb"',
    }
  // Without it the server ends the connection that says `create extension`.
  if (!preloaded.includes('timescaledb'))
    return {
      note: 'TimescaleDB is there but not loaded: shared_preload_libraries needs timescaledb (and a restart), then an administrator says "create extension timescaledb"',
    }
  try {
    await database.query('create extension if not exists timescaledb')
  } catch (error) {
    log.warn(
      { error: error instanceof Error ? error.message : String(error) },
      'TimescaleDB cannot be created',
    )
    return {
      note: 'TimescaleDB is loaded but not created in this database, and this user may not: an administrator says "create extension timescaledb"',
    }
  }
  const created = await installedVersion(database)
  return created === null ? { note: null } : { version: created }
}

async function installedVersion(tx: Queryable): Promise<string | null> {
  const { rows } = await tx.query<{ version: string }>(
    "select extversion as version from pg_extension where extname = 'timescaledb'",
  )
  return rows[0]?.version ?? null
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
}

/** Converts one table if it is not yet; the text says why it cannot be done unasked. */
async function convert(
  tx: Queryable,
  table: (typeof TABLES)[number],
  maxBytes: number,
  log: Log,
): Promise<string | null> {
  await tx.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
  const { rows } = await tx.query<{ hypertable: boolean; bytes: string }>(
    `select exists (select from timescaledb_information.hypertables
                     where hypertable_schema = current_schema() and hypertable_name = $1) as hypertable,
            (select coalesce(sum(pg_total_relation_size(inhrelid)), 0)
               from pg_inherits where inhparent = to_regclass($1)) as bytes`,
    [table],
  )
  const { hypertable, bytes } = rows[0] ?? { hypertable: false, bytes: '0' }
  if (hypertable) return null
  if (Number(bytes) > maxBytes)
    return `${table} has ${(Number(bytes) / 2 ** 30).toFixed(1)} GiB in day partitions: making a hypertable of it stops all writers meanwhile; "sharp-eyes migrate --adopt-timescale" does it`
  log.info({ table, bytes }, 'a hypertable is made of the table')
  await becomeHypertable(tx, table)
  return null
}
