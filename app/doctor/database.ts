import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { readMode } from '../../alerts/history/mode.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { PROJECT_ROOT } from '../data-folder.ts'
import { clockFinding, type Finding, finding } from './finding.ts'

const OLDEST_MAJOR = 15
const CONNECT_MS = 5_000
const QUERY_MS = 8_000

/** A database of the deployment: looked at, never changed (`migrate` does that). */
export async function externalDatabase(url: string, clock: Clock): Promise<readonly Finding[]> {
  const client = new Client({
    connectionString: url,
    application_name: 'sharp-eyes doctor',
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: QUERY_MS,
  })
  client.on('error', () => undefined) // the query under way says it
  try {
    await client.connect().catch((error: NodeJS.ErrnoException) => {
      throw new SharpEyesError(
        'database_unavailable',
        `DATABASE_URL: no connection (${error.message || error.code}); is the server there, and are name and password right?`,
      )
    })
    const query: Queryable['query'] = async <R>(sql: string, params?: readonly unknown[]) => {
      const { rows, rowCount } = await client.query(sql, params ? [...params] : [])
      return { rows: rows as R[], rowCount: rowCount ?? 0 }
    }
    return await databaseFindings({ query }, 'external', clock)
  } finally {
    await client.end().catch(() => undefined)
  }
}

export async function databaseFindings(
  database: Queryable,
  kind: string,
  clock: Clock,
): Promise<readonly Finding[]> {
  const before = clock.now()
  const { rows } = await database.query<{
    version: string
    number: number
    now: Date
    standby: boolean
    migrated: boolean
  }>(
    `select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
            clock_timestamp() as now, pg_is_in_recovery() as standby,
            to_regclass('migrations') is not null as migrated`,
  )
  const after = clock.now()
  const [facts] = rows
  if (!facts) throw new Error('the database gave no answer')
  const skew = facts.now.getTime() - (before + after) / 2
  const migrations = facts.migrated ? await migrationFinding(database) : null
  return [
    serverFinding(facts, kind),
    clockFinding('database clock', 'the database', skew, (after - before) / 2),
    ...(migrations ? [migrations] : [notMigrated]),
    ...(migrations?.grade === 'ok' ? await contentFindings(database) : []),
  ]
}

const notMigrated = finding(
  'migrations',
  'fail',
  'the database is empty: "sharp-eyes migrate" makes its tables (the roles do it at their start as well)',
)

function serverFinding(facts: { version: string; number: number; standby: boolean }, kind: string): Finding {
  const what = `${kind}, PostgreSQL ${facts.version}`
  if (facts.number < OLDEST_MAJOR * 10_000)
    return finding('database', 'fail', `${what}: ${OLDEST_MAJOR} or later is needed`)
  if (facts.standby)
    return finding(
      'database',
      'fail',
      `${what} is a standby and cannot be written: name the primary in DATABASE_URL`,
    )
  return finding('database', 'ok', what)
}

async function migrationFinding(database: Queryable): Promise<Finding> {
  const folder = join(PROJECT_ROOT, 'adapters', 'postgres', 'migrations')
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql'))
  const { rows } = await database.query<{ name: string }>('select name from migrations')
  const applied = new Set(rows.map(({ name }) => name))
  const missing = files.filter((name) => !applied.has(name))
  const unknown = [...applied].filter((name) => !files.includes(name))
  if (unknown.length > 0)
    return finding('migrations', 'fail', `${unknown.join(', ')}: of a newer version; start that version`)
  if (missing.length > 0)
    return finding('migrations', 'warn', `${missing.join(', ')}: missing; "sharp-eyes migrate" applies them`)
  return finding('migrations', 'ok', `${applied.size} applied`)
}

async function contentFindings(database: Queryable): Promise<readonly Finding[]> {
  const { mode, version, note } = await readMode(database)
  const history = `${mode}${version === null ? '' : `, TimescaleDB ${version}`}${note === null ? '' : `: ${note}`}`
  const { rows } = await database.query<{ dead: number; letters: number }>(
    `select (select count(*) from notifications where state = 'dead')::int as dead,
            (select count(*) from dead_letters where replayed_at is null)::int as letters`,
  )
  const { dead = 0, letters = 0 } = rows[0] ?? {}
  return [
    finding('history', note === null ? 'ok' : 'warn', history),
    ...(dead > 0
      ? [finding('notifications', 'warn', `${dead} dead; send them again on the alert's or case's page`)]
      : []),
    ...(letters > 0
      ? [
          finding(
            'dead letters',
            'warn',
            `${letters} messages could not be applied; see docs/troubleshooting.md`,
          ),
        ]
      : []),
  ]
}
