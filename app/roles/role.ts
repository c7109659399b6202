import type { PostgresDatabase } from '../../adapters/postgres/database.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { DataFolder } from '../data-folder.ts'
import { openDatabase } from '../database.ts'
import type { Tools } from '../tools.ts'

/** Options of every role that runs by itself. */
export interface RoleOptions {
  readonly port: number
  readonly listen: string
  readonly data?: string
}

/** The database of a site whose roles run apart: never the embedded one, which ends with the process that made it. */
export async function needDatabase(
  role: string,
  folder: DataFolder,
  tools: Tools,
): Promise<{ readonly database: PostgresDatabase; readonly url: string }> {
  const { databaseUrl } = await tools.settings()
  if (!databaseUrl)
    throw new SharpEyesError(
      'config_invalid',
      `DATABASE_URL (or DATABASE_URL_FILE): is missing; the role "${role}" shares a PostgreSQL with the others ("sharp-eyes start" runs all of them on an embedded one)`,
    )
  return openDatabase({ folder, tools, own: false })
}

/** One line on stdout, then until SIGINT, SIGTERM or SIGHUP. */
export async function untilStopped(line: string, { signal }: Tools): Promise<void> {
  process.stdout.write(`${line}\nCtrl+C stops it.\n`)
  await new Promise<void>((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
}
