import { Client, Pool, type PoolClient } from 'pg'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { Log } from '../../core/ports/telemetry.ts'

export interface PostgresDatabase extends Database, AsyncDisposable {
  readonly pool: Pool
}

/** A server that vanished without a word is noticed by the system's keepalive (Linux: after some 11 minutes). */
const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 }

/** A pool on PostgreSQL. `bigint` comes as text, `timestamptz` as Date, `jsonb` as parsed values. */
export function connectPostgres(options: {
  url: string
  log: Log
  max?: number
  name?: string
}): PostgresDatabase {
  const { url, log } = options
  const pool = new Pool({
    connectionString: url,
    max: options.max ?? 12,
    application_name: options.name ?? 'sharp-eyes',
    connectionTimeoutMillis: 5_000,
    ...KEEP_ALIVE,
  })
  // Without these listeners a broken connection ends the process: `pool` reports idle clients, `connect` the others.
  // A pool that is ending need not say that the server beside it ended first.
  const broke = (error: Error, what: string) => {
    if (!pool.ending) log.warn({ error: error.message }, what)
  }
  pool.on('error', (error) => broke(error, 'an idle database connection broke'))
  pool.on('connect', (client) => {
    client.on('error', (error) => broke(error, 'a database connection broke'))
  })
  return {
    pool,
    query: (sql, params) => run(pool, sql, params),
    transaction: (work) => transaction(pool, work),
    listen: (channel, onNotify) => listen(url, channel, onNotify, log),
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

async function run<R>(target: Pool | PoolClient, sql: string, params?: readonly unknown[]) {
  const result = await target.query(sql, params as unknown[] | undefined)
  return { rows: result.rows as R[], rowCount: result.rowCount ?? 0 }
}

async function transaction<T>(pool: Pool, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work({ query: (sql, params) => run(client, sql, params) })
    await client.query('commit')
    return result
  } catch (error) {
    // A failed rollback means a dead connection: it must not return to the pool.
    await client.query('rollback').catch((failure: Error) => {
      broken = failure
    })
    throw error
  } finally {
    client.release(broken)
  }
}

/** Its own connection, made again after a loss; each (re)connection calls `onNotify`, since something may have been missed. */
async function listen(
  url: string,
  channel: string,
  onNotify: () => void,
  log: Log,
): Promise<AsyncDisposable> {
  if (!/^[a-z_]+$/.test(channel)) throw new Error(`bad channel name ${channel}`)
  let closed = false
  let client: Client | null = null
  let retry: NodeJS.Timeout | undefined
  const connect = async (): Promise<void> => {
    const next = new Client({
      ...KEEP_ALIVE,
      connectionString: url,
      application_name: `sharp-eyes listen ${channel}`,
    })
    next.on('notification', onNotify)
    next.on('error', (error) =>
      log.warn({ channel, error: error.message }, 'the listening database connection broke'),
    )
    next.on('end', () => {
      if (client === next && !closed) again()
    })
    await next.connect()
    if (closed) return next.end()
    client = next
    await next.query(`listen ${channel}`)
    onNotify()
  }
  const again = () => {
    retry = setTimeout(() => {
      connect().catch((error: Error) => {
        log.debug({ channel, error: error.message }, 'listening again failed')
        again()
      })
    }, 1_000)
    retry.unref()
  }
  await connect()
  return {
    async [Symbol.asyncDispose]() {
      closed = true
      clearTimeout(retry)
      await client?.end()
    },
  }
}
