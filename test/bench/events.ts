import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../adapters/clock.ts'
import { connectPostgres } from '../../adapters/postgres/database.ts'
import { startEmbeddedPostgres } from '../../adapters/postgres/embedded.ts'
import { migrate } from '../../adapters/postgres/migrate.ts'
import { createDirectTransport } from '../../adapters/transport/direct.ts'
import { sequenceOnce } from '../../alerts/changes/sequencer.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import { ensurePartitions } from '../../alerts/partitions/partitions.ts'
import { drainOnce } from '../../ingest/spool/drain.ts'
import { openSpool } from '../../ingest/spool/spool.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'

// node test/bench/events.ts [EVENTS]: how fast events go from the call of `append` to a position in the change log, on
// a durable database (fsync on) and the disk of the temporary folder. Three messages an event: start, update, end.

const count = Number(process.argv[2] ?? 700)
const CAMERAS = 200
const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-bench-'))
await chmod(folder, 0o755) // as root, the database's own user must get through to its files
const deps = { clock: systemClock, log: silentLog, metrics: recordingMetrics() }
const server = await startEmbeddedPostgres({ folder, ...deps })
const database = connectPostgres({ url: server.url, log: silentLog })
const spool = await openSpool({ folder: join(folder, 'spool'), ...deps, limits: { ballastBytes: 4_096 } })
try {
  await migrate(database, silentLog)
  await ensurePartitions(database, Date.now())
  const now = Date.now()
  const messages = Array.from({ length: count }, (_, n) =>
    hazardEvent({
      source: { kind: 'camera', id: `cam-${n % CAMERAS}` },
      since: now + n,
      startedAt: now + n,
      lastSeenAt: now + n,
      measured: { stillMs: 10_000, coverage: 0.2, darkness: 1.5 },
      detections: Array.from({ length: 3 }, () => ({ label: 'car', score: 0.8, box: [0.1, 0.1, 0.2, 0.2] })),
    }),
  ).flatMap((event) => [
    hazardMessage(event, { kind: 'start', seq: 1 }),
    hazardMessage(event, { kind: 'update', seq: 2 }),
    hazardMessage(event, { kind: 'end', seq: 3 }),
  ])
  const inbox = createInbox({ database, ...deps })
  const drain = { spool, transport: createDirectTransport(inbox), ...deps }
  const result: Record<string, number> = { messages: messages.length }
  const timed = async (name: string, work: () => Promise<unknown>) => {
    const start = performance.now()
    await work()
    result[`${name}_per_s`] = Math.round((messages.length / (performance.now() - start)) * 1000)
  }

  // As many appends wait at once as a busy worker has: 64 cameras that change at the same time.
  await timed('spool_append', async () => {
    for (let at = 0; at < messages.length; at += 64)
      await Promise.all(messages.slice(at, at + 64).map((message) => spool.append(message)))
  })
  await timed('drain_to_inbox', async () => {
    while ((await drainOnce(drain)) > 0);
  })
  await timed('positions', async () => {
    while ((await sequenceOnce({ database, ...deps })).count > 0);
  })
  const single: number[] = []
  for (let n = 0; n < 100; n += 1) {
    const event = hazardEvent({
      source: { kind: 'camera', id: `single-${n}` },
      startedAt: now,
      lastSeenAt: now,
    })
    const start = performance.now()
    await spool.append(hazardMessage(event, { kind: 'start', seq: 1 }))
    await drainOnce(drain)
    single.push(performance.now() - start)
  }
  single.sort((a, b) => a - b)
  result.one_event_p50_ms = Math.round(single[50] ?? 0)
  result.one_event_p95_ms = Math.round(single[95] ?? 0)
  process.stdout.write(`${JSON.stringify(result)}\n`)
} finally {
  await spool[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
}
