import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'

export interface Standstill {
  /**
   * To be asked at every look: since when messages have come through without a break, or null while that cannot be said.
   * Throws when the database is away.
   */
  listeningSince(): Promise<EpochMs | null>
  /** The look failed: the database is away. */
  failed(): void
}

/**
 * The clock of everything that silence means stands still while messages wait and for `graceMs` after this part or the
 * database came back: an outage of ours says nothing about workers and sensors.
 *
 * @param everyMs how often it is asked
 * @param lagging whether messages are known to wait somewhere
 */
export function createStandstill(deps: {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly what: string
  readonly graceMs: DurationMs
  readonly everyMs: DurationMs
  readonly lagging?: (() => boolean) | undefined
}): Standstill {
  const { database, clock, log, what, graceMs, everyMs } = deps
  let stillUntil: EpochMs = clock.now() + graceMs
  let lastLook: EpochMs = clock.now()
  let serverStart: string | null = null

  const standStill = (why: string): void => {
    stillUntil = clock.now() + graceMs
    log.info({ why, graceMs }, `the clock of ${what} stands still`)
  }

  return {
    async listeningSince() {
      const now = clock.now()
      // This process itself was away (stopped, or its machine slept): messages have been waiting at the door.
      if (now - lastLook > 3 * everyMs) standStill('this part was away')
      lastLook = now
      // A restart between two looks is seen by the server's start time, also when no query failed meanwhile.
      const { rows } = await database.query<{ at: string }>('select pg_postmaster_start_time()::text as at')
      const at = rows[0]?.at ?? null
      if (serverStart !== null && at !== serverStart) standStill('the database was restarted')
      serverStart = at
      if (deps.lagging?.()) standStill('messages are waiting')
      return now < stillUntil ? null : stillUntil
    },
    failed() {
      stillUntil = clock.now() + graceMs
    },
  }
}
