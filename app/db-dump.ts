import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../adapters/clock.ts'
import { createLog } from '../adapters/log.ts'
import { describeSchema } from '../adapters/postgres/catalogue.ts'
import { connectPostgres } from '../adapters/postgres/database.ts'
import { startEmbeddedPostgres } from '../adapters/postgres/embedded.ts'
import { migrate } from '../adapters/postgres/migrate.ts'
import { PROJECT_ROOT } from './data-folder.ts'

/** `npm run db:dump`: writes the schema that all migrations give to adapters/postgres/schema.txt. */
const log = createLog('db-dump', 'warn')
const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-schema-'))
await chmod(folder, 0o755) // as root the server runs as another user, who must reach its files
const server = await startEmbeddedPostgres({ folder, log, clock: systemClock, durable: false })
const database = connectPostgres({ url: server.url, log, max: 1 })
try {
  await migrate(database, log)
  const path = join(PROJECT_ROOT, 'adapters', 'postgres', 'schema.txt')
  await writeFile(path, await describeSchema(database))
  process.stdout.write(`${path}\n`)
} finally {
  await database[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
}
