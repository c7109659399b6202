import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'

const LOOK_MS = 5_000
/** As the lease of a camera. */
const HEARD_WITHIN_S = 20

export interface Heard {
  /** Whether some worker has been heard of: without one no reading can come, and silence of a sensor says nothing. */
  anybody(): boolean
  run(signal: AbortSignal): Promise<void>
}

export function watchWorkers({ database, clock }: { database: Database; clock: Clock }): Heard {
  let anybody = false
  return {
    anybody: () => anybody,
    async run(signal) {
      while (!signal.aborted) {
        anybody = await database
          .query<{ heard: boolean }>(
            `select exists (select from workers where last_seen > now() - make_interval(secs => $1)) as heard`,
            [HEARD_WITHIN_S],
          )
          .then(
            ({ rows }) => rows[0]?.heard ?? false,
            () => false, // the database is away: nobody can tell
          )
        await clock.sleep(LOOK_MS, signal).catch(() => undefined) // aborted: the loop ends
      }
    },
  }
}
