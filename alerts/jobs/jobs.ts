import { type Job, type JobResult, PgBoss } from 'pg-boss'
import { toSharpEyesError } from '../../core/errors.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import { JOB_QUEUES, type JobHandlers, type JobSender } from './queues.ts'

/** pg-boss's tables are its own: they are made and migrated by it, in a schema beside ours. */
const SCHEMA = 'jobs'

/**
 * A dead worker's jobs run again within 30 s (invariant 6): a job of a worker that has not answered for 10 s is given
 * back by a supervisor that looks every 2 s. As shipped it would take over 75 s.
 */
const HEARTBEAT_SECONDS = 10
const SUPERVISE_SECONDS = 2
/** One job a poll, as shipped, would be thirty a minute: a full batch is followed by the next at once. */
const WORK = {
  pollingIntervalSeconds: 2,
  batchSize: 20,
  burstWhenBatchFull: true,
  perJobResults: true,
} as const
/** At stop, handlers under way get this long. */
const STOP_MS = 10_000

export interface Jobs extends JobSender, AsyncDisposable {
  /** Begins to run jobs; without it this process only sends. */
  work(handlers: JobHandlers): Promise<void>
}

/** Durable timers in PostgreSQL (pg-boss). Resolves when its schema and queues are there. */
export async function createJobs(deps: {
  readonly url: string
  readonly log: Log
  readonly metrics: Metrics
}): Promise<Jobs> {
  const { url, log, metrics } = deps
  const boss = new PgBoss({
    connectionString: url,
    application_name: 'sharp-eyes jobs',
    schema: SCHEMA,
    max: 4,
    schedule: false,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
  })
  // Without a listener an error event ends the process.
  boss.on('error', (error) => {
    metrics.count('jobs_errors_total')
    log.warn({ error: error.message }, 'the job queue has trouble with the database')
  })
  await boss.start()
  for (const name of JOB_QUEUES) {
    const options = {
      heartbeatSeconds: HEARTBEAT_SECONDS,
      expireInSeconds: 60,
      // A handler fails only while the database is away, and that may take long; the last try is after about an hour.
      retryLimit: 100,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 60,
    }
    await boss.createQueue(name, options)
    await boss.updateQueue(name, options)
  }
  return {
    async send(tx, queue, data, at) {
      await boss.send(queue, data, {
        startAfter: new Date(at),
        db: {
          async executeSql(text, values) {
            const { rows } = await tx.query(text, values)
            return { rows }
          },
        },
      })
    },
    async work(handlers) {
      for (const queue of JOB_QUEUES) {
        const run = runOne(handlers, queue)
        await boss.work(queue, WORK, async (batch: Job<unknown>[]) => {
          const results: JobResult[] = []
          for (const { id, data } of batch) {
            try {
              await run(data)
              metrics.count('jobs_done_total', { queue })
              results.push({ id, status: 'completed' })
            } catch (error) {
              const { message } = toSharpEyesError(error)
              metrics.count('jobs_failed_total', { queue })
              log.warn({ queue, error: message }, 'a job failed and is run again later')
              // Given back alone: the others of its batch are done.
              results.push({ id, status: 'failed', output: { message } })
            }
          }
          return results
        })
      }
    },
    async [Symbol.asyncDispose]() {
      await boss.stop({ graceful: true, timeout: STOP_MS })
    },
  }
}

/** Only `send` writes into these queues, with the type of the queue. */
function runOne(handlers: JobHandlers, queue: keyof JobHandlers): (data: unknown) => Promise<void> {
  return handlers[queue] as (data: unknown) => Promise<void>
}
