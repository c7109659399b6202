import { join } from 'node:path'
import { connectPostgres, type PostgresDatabase } from '../../adapters/postgres/database.ts'
import { startEmbeddedPostgres } from '../../adapters/postgres/embedded.ts'
import { migrate } from '../../adapters/postgres/migrate.ts'
import { createDirectTransport } from '../../adapters/transport/direct.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import { ensurePartitions } from '../../alerts/partitions/partitions.ts'
import type { EventTransport } from '../../core/ports/messages.ts'
import { openSpool, type Spool } from '../../ingest/spool/spool.ts'
import type { Tools } from '../tools.ts'
import { benchFolder } from './folder.ts'

/** The path of events without cameras: a spool, the direct transport, an inbox on a durable PostgreSQL of its own. */
export interface EventPath {
  readonly folder: string
  readonly database: PostgresDatabase
  readonly databaseUrl: string
  readonly spool: Spool
  readonly transport: EventTransport
}

type Receivers = Parameters<typeof createDirectTransport>[0]

/** `receive` names who receives; absent, an inbox without routing. All is stopped by the stack. */
export async function openEventPath(
  tools: Tools,
  receive?: (path: Omit<EventPath, 'spool' | 'transport'>) => Promise<Receivers>,
): Promise<EventPath> {
  const { clock, log, metrics, stack } = tools
  const folder = await benchFolder(tools)
  const server = await startEmbeddedPostgres({ folder, log, clock })
  stack.push('the database of the bench', () => server[Symbol.asyncDispose]())
  const database = connectPostgres({ url: server.url, log })
  stack.push('connections', () => database[Symbol.asyncDispose]())
  await migrate(database, log)
  await ensurePartitions(database, clock.now())
  const receivers = receive
    ? await receive({ folder, database, databaseUrl: server.url })
    : { 'hazard.events.v1': createInbox({ database, clock, log, metrics }) }
  const spool = await openSpool({
    ...{ folder: join(folder, 'spool'), clock, log, metrics },
    limits: { ballastBytes: 4_096 },
  })
  stack.push('spool', () => spool[Symbol.asyncDispose]())
  return {
    folder,
    database,
    databaseUrl: server.url,
    spool,
    transport: createDirectTransport(receivers),
  }
}
