import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { ChangeRow } from './rights.ts'

export const BATCH = 500
/** Under the wake-ups: a notification can be lost with its connection. */
const POLL_MS = 5_000

export interface ChangeReader {
  /** Position up to which live subscribers have been given everything. */
  position(): bigint
  /** From the next batch on; the subscriber skips what it has had. */
  subscribe(onRows: (rows: readonly ChangeRow[]) => void): Disposable
  close(): Promise<void>
}

/** Rows after a position, oldest first. There is no gap below what is answered: positions are given after the commit. */
export async function readAfter(tx: Queryable, after: bigint, limit = BATCH): Promise<readonly ChangeRow[]> {
  const { rows } = await tx.query<ChangeRow>(
    `select c.pos::text as pos, c.topic, c.key, c.at, c.payload from changes c
     where c.pos > $1::bigint order by c.pos limit $2`,
    [after.toString(), limit],
  )
  return rows
}

/** What is kept of the log: the head, and the oldest position from which on nothing is missing (null: none). */
export async function readBounds(tx: Queryable): Promise<{ head: bigint; oldest: bigint | null }> {
  const { rows } = await tx.query<{ head: string; oldest: string | null }>(
    `select h.pos::text as head, case when h.pos > r.whole_after then r.whole_after + 1 end::text as oldest
       from change_head h, change_retention r`,
  )
  const row = rows[0]
  return { head: BigInt(row?.head ?? '0'), oldest: row?.oldest == null ? null : BigInt(row.oldest) }
}

/** One listener and one reader for all streams of the process: thousands of tabs cost the database one query a wake-up. */
export async function createChangeReader(deps: {
  database: Database
  clock: Clock
  log: Log
  metrics: Metrics
}): Promise<ChangeReader> {
  const { database, clock, log, metrics } = deps
  const subscribers = new Set<(rows: readonly ChangeRow[]) => void>()
  const stop = new AbortController()
  let position = (await readBounds(database)).head
  let wake = Promise.withResolvers<void>()

  const runOnce = async (): Promise<void> => {
    for (;;) {
      const rows = await readAfter(database, position)
      const last = rows.at(-1)
      if (!last) return
      position = BigInt(last.pos)
      for (const onRows of [...subscribers]) onRows(rows)
      metrics.count('stream_changes_read_total', {}, rows.length)
    }
  }
  const listener = await database.listen('positions', () => wake.resolve())
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      // Set before reading: what is announced while it reads wakes the next round.
      wake = Promise.withResolvers<void>()
      try {
        await runOnce()
      } catch (error) {
        log.warn(
          { error: error instanceof Error ? error.message : String(error) },
          'changes cannot be read now',
        )
      }
      const timer = new AbortController()
      const floor = clock.sleep(POLL_MS, AbortSignal.any([stop.signal, timer.signal])).catch(() => undefined)
      await Promise.race([wake.promise, floor])
      timer.abort()
    }
  }
  const running = run()
  return {
    position: () => position,
    subscribe(onRows) {
      subscribers.add(onRows)
      return { [Symbol.dispose]: () => void subscribers.delete(onRows) }
    },
    async close() {
      stop.abort()
      wake.resolve()
      await running
      await listener[Symbol.asyncDispose]()
    },
  }
}
