import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import type { Pool, PoolClient } from 'pg'
import { from, to } from 'pg-copy-streams'

/** One table of a backup: `<schema>.<name>.copy.gz` in COPY's text format. */
export interface BackedUpTable {
  readonly schema: string
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: number
}

export interface DatabaseBackup {
  /** Numbered migrations of the database that it came from. */
  readonly migrations: readonly string[]
  /** Schema version of the job queue; null: it had none. */
  readonly jobs: number | null
  /** Start of the snapshot, database time. */
  readonly at: string
  /** Referenced tables before those that refer to them. */
  readonly tables: readonly BackedUpTable[]
  /** Days for which `events` and `readings` have partitions. */
  readonly partitions: readonly string[]
}

/** Not kept: log-ins end with a restore. */
const LEFT_OUT = ['sessions']
/** Jobs that wait or run; finished ones are history of the queue itself. */
const OPEN_JOBS = "where state in ('created', 'retry', 'active')"

/**
 * Writes everything of one snapshot into `folder`, while the program runs. The snapshot is one repeatable-read
 * transaction, so that the tables fit each other.
 */
export async function exportDatabase(
  pool: Pool,
  folder: string,
  onTable: (table: string) => void,
): Promise<DatabaseBackup> {
  await mkdir(folder, { recursive: true })
  const client = await pool.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    const jobs = await jobsVersion(client)
    const found = [...(await tablesOf(client)), ...(jobs === null ? [] : [await jobTable(client)])]
    const tables: BackedUpTable[] = []
    for (const table of found) {
      onTable(`${table.schema}.${table.name}`)
      tables.push({ ...table, rows: await copyOut(client, table, folder) })
    }
    const migrations = await client.query<{ name: string }>('select name from migrations order by name')
    const at = await client.query<{ at: Date }>('select now() as at')
    const partitions = await client.query<{ name: string }>(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = any (array[to_regclass('events'), to_regclass('readings')]) order by 1`,
    )
    return {
      migrations: migrations.rows.map(({ name }) => name),
      jobs,
      at: (at.rows[0]?.at ?? new Date()).toISOString(),
      tables,
      partitions: partitions.rows.map(({ name }) => name),
    }
  } finally {
    await client.query('rollback').catch(() => undefined)
    client.release()
  }
}

type Table = Omit<BackedUpTable, 'rows'>

/** Our tables, referenced ones first; generated columns are made anew. */
async function tablesOf(client: PoolClient): Promise<readonly Table[]> {
  const { rows } = await client.query<{ name: string; columns: string[]; refers: string[] }>(
    `select c.relname as name,
            array(select a.attname::text from pg_attribute a
                   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                   order by a.attnum) as columns,
            array(select k.confrelid::regclass::text from pg_constraint k
                   where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as refers
       from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and c.relname <> 'migrations' and c.relname <> all ($1)
      order by c.relname`,
    [LEFT_OUT],
  )
  const sorted: typeof rows = []
  while (sorted.length < rows.length) {
    const done = new Set(sorted.map(({ name }) => name))
    const next = rows.filter((row) => !done.has(row.name) && row.refers.every((name) => done.has(name)))
    if (next.length === 0) throw new Error('tables refer to each other in a circle')
    sorted.push(...next)
  }
  return sorted.map(({ name, columns }) => ({ schema: 'public', name, columns }))
}

async function jobsVersion(client: PoolClient): Promise<number | null> {
  const there = await client.query<{ there: boolean }>(
    "select to_regclass('jobs.version') is not null as there",
  )
  if (!there.rows[0]?.there) return null
  const { rows } = await client.query<{ version: number }>('select version::int as version from jobs.version')
  return rows[0]?.version ?? null
}

async function jobTable(client: PoolClient): Promise<Table> {
  const { rows } = await client.query<{ name: string }>(
    `select attname::text as name from pg_attribute
      where attrelid = 'jobs.job'::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`,
  )
  return { schema: 'jobs', name: 'job', columns: rows.map(({ name }) => name) }
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
const fullName = ({ schema, name }: Table) => `${quoted(schema)}.${quoted(name)}`
const fileOf = (folder: string, { schema, name }: Table) => join(folder, `${schema}.${name}.copy.gz`)

async function copyOut(client: PoolClient, table: Table, folder: string): Promise<number> {
  const columns = table.columns.map(quoted).join(', ')
  const where = table.schema === 'jobs' ? OPEN_JOBS : ''
  // A query and not the table itself: of a partitioned table COPY would find no rows.
  const stream = client.query(to(`copy (select ${columns} from ${fullName(table)} ${where}) to stdout`))
  await pipeline(stream, createGzip({ level: 3 }), createWriteStream(fileOf(folder, table), { mode: 0o600 }))
  return stream.rowCount ?? 0
}

/**
 * Fills an empty database that has the schema of the backup. One transaction: a broken file leaves nothing behind.
 * The rows of a table must be as many as were written.
 */
export async function importDatabase(
  pool: Pool,
  folder: string,
  backup: DatabaseBackup,
  onTable: (table: string) => void,
): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    // Rows that a migration wrote are in the backup too.
    for (const table of backup.tables.toReversed()) {
      // What our triggers would note of these rows is in the backup itself; and the log refuses to be emptied.
      if (table.schema === 'public') await client.query(`alter table ${fullName(table)} disable trigger user`)
      await client.query(`delete from ${fullName(table)}`)
    }
    for (const table of backup.tables) {
      onTable(`${table.schema}.${table.name}`)
      const rows = await copyIn(client, table, folder)
      if (rows !== table.rows)
        throw new Error(`${table.schema}.${table.name}: ${rows} rows in the file, ${table.rows} were written`)
    }
    for (const table of backup.tables)
      if (table.schema === 'public') await client.query(`alter table ${fullName(table)} enable trigger user`)
    await setSequences(client)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}

async function copyIn(client: PoolClient, table: Table, folder: string): Promise<number> {
  const columns = table.columns.map(quoted).join(', ')
  const stream = client.query(from(`copy ${fullName(table)} (${columns}) from stdin`))
  await pipeline(createReadStream(fileOf(folder, table)), createGunzip(), stream)
  return stream.rowCount ?? 0
}

/** Identities go on after the highest number that was restored. */
async function setSequences(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string; sequence: string }>(
    `select c.oid::regclass::text as table, a.attname::text as column,
            pg_get_serial_sequence(c.oid::regclass::text, a.attname::text) as sequence
       from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attidentity <> ''`,
  )
  for (const { table, column, sequence } of rows) {
    await client.query(
      `select setval($1, coalesce((select max(${quoted(column)}) from ${table}), 0) + 1, false)`,
      [sequence],
    )
  }
}
