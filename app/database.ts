import { readFile, rm } from 'node:fs/promises'
import { systemClock } from '../adapters/clock.ts'
import { connectPostgres, type PostgresDatabase } from '../adapters/postgres/database.ts'
import { startEmbeddedPostgres } from '../adapters/postgres/embedded.ts'
import { migrate } from '../adapters/postgres/migrate.ts'
import { SharpEyesError, toSharpEyesError } from '../core/errors.ts'
import type { Log } from '../core/ports/telemetry.ts'
import { type DataFolder, lockDataFolder, writePrivate } from './data-folder.ts'
import type { Tools } from './tools.ts'

export interface OpenDatabase {
  readonly database: PostgresDatabase
  readonly kind: 'external' | 'embedded' | 'running'
  /** With the password: for the job queue, which has a pool of its own. */
  readonly url: string
}

/**
 * DATABASE_URL, else the embedded server of the data folder: the one that a running `start` has, or one of our own for
 * as long as this command runs. Migrated before it is handed out.
 */
export async function openDatabase(options: {
  folder: DataFolder
  tools: Pick<Tools, 'log' | 'stack' | 'settings'>
  /** `start` must own the folder; other commands may use the server that is running there. */
  own: boolean
  /** Migrations to bring it to; absent: all. */
  only?: readonly string[]
}): Promise<OpenDatabase> {
  const { folder } = options
  const { log, stack } = options.tools
  const { databaseUrl: external } = await options.tools.settings()
  if (external) {
    if (options.own) stack.push('data folder', (await lock(folder))[Symbol.asyncDispose])
    return {
      database: await connect(external, 'DATABASE_URL', options.tools, options.only),
      kind: 'external',
      url: external,
    }
  }
  if (!options.own) {
    const running = await runningUrl(folder, log)
    if (running)
      return {
        database: await connect(running, 'the running server', options.tools, options.only),
        kind: 'running',
        url: running,
      }
  }
  stack.push('data folder', (await lock(folder))[Symbol.asyncDispose])
  const server = await startEmbeddedPostgres({ folder: folder.path, log, clock: systemClock })
  stack.push('embedded PostgreSQL', () => server[Symbol.asyncDispose]())
  await writePrivate(folder.databaseUrl, server.url)
  stack.push('database address', () => rm(folder.databaseUrl, { force: true }))
  return {
    database: await connect(server.url, 'the embedded server', options.tools, options.only),
    kind: 'embedded',
    url: server.url,
  }
}

const lock = lockDataFolder

async function connect(
  url: string,
  name: string,
  { log, stack }: Pick<Tools, 'log' | 'stack'>,
  only: readonly string[] | undefined,
): Promise<PostgresDatabase> {
  const database = connectPostgres({ url, log, max: 24 })
  stack.push('database connections', () => database[Symbol.asyncDispose]())
  try {
    await database.query('select 1')
  } catch (cause) {
    throw new SharpEyesError(
      'database_unavailable',
      `${name}: no connection to PostgreSQL (${toSharpEyesError(cause).message})`,
      { cause },
    )
  }
  await migrate(database, log, only)
  return database
}

async function runningUrl(folder: DataFolder, log: Log): Promise<string | null> {
  const url = await readFile(folder.databaseUrl, 'utf8').catch(() => null)
  if (!url) return null
  const probe = connectPostgres({ url, log, max: 1 })
  try {
    await probe.query('select 1')
    return url
  } catch {
    return null // left by a process that was killed
  } finally {
    await probe[Symbol.asyncDispose]()
  }
}
