import { writeChanges } from '../../core/changes.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'
import { type AlertRow, alertChange } from '../alert/row.ts'
import { createStandstill } from './standstill.ts'

export interface LostDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Whether messages are known to wait somewhere (a consumer behind its topic, a spool that cannot drain). */
  readonly lagging?: () => boolean
}

/** Three re-sends of 30 s are missed. */
const LOST_AFTER_MS: DurationMs = 90_000
/** How long the clock stands still after this part or the database came back: the workers need time to be heard. */
const GRACE_MS: DurationMs = 90_000
const EVERY_MS: DurationMs = 10_000
const MAX_SWEEP = 500

export interface LostSweeper {
  /** One look. Returns how many events were marked; 0 while the clock stands still. Throws when the database is away. */
  runOnce(): Promise<number>
  /** Looks every 10 s until aborted. */
  run(signal: AbortSignal): Promise<void>
}

/**
 * Marks open events that nobody reports any more as `lost`, and their alerts with them. A mark, no end: the hazard may
 * well go on while its worker is away. The inbox takes the mark back with the next message.
 */
export function createLostSweeper(deps: LostDeps): LostSweeper {
  const { database, clock, log, metrics } = deps
  const standstill = createStandstill({
    ...{ database, clock, log, what: 'lost events', graceMs: GRACE_MS, everyMs: EVERY_MS },
    lagging: deps.lagging,
  })

  async function runOnce(): Promise<number> {
    try {
      if ((await standstill.listeningSince()) === null) return 0
      const now = clock.now()
      return await markLost(database, now - LOST_AFTER_MS, now, (marked) => {
        metrics.count('events_lost_total', {}, marked)
        log.warn({ events: marked }, 'open events are no longer reported: marked as lost')
      })
    } catch (error) {
      standstill.failed()
      throw error
    }
  }

  return {
    runOnce,
    async run(signal) {
      while (!signal.aborted) {
        try {
          await runOnce()
        } catch (error) {
          log.warn(
            { error: error instanceof Error ? error.message : String(error) },
            'looking for lost events failed',
          )
        }
        await clock.sleep(EVERY_MS, signal).catch(() => undefined) // aborted: the loop ends
      }
    },
  }
}

/** Locks alert rows before event rows, as the inbox does. An alert is lost when none of its open events is heard. */
async function markLost(
  database: Database,
  silentSince: EpochMs,
  now: EpochMs,
  onMarked: (events: number) => void,
): Promise<number> {
  const marked = await database.transaction(async (tx) => {
    const silent = await tx.query<{ alert_id: string }>(
      // Events of sensors are told by this service itself, when something changes: nobody sends them again.
      `select distinct alert_id from event_state
        where not ended and lost_at is null and last_message_at < $1
          and state -> 'source' ->> 'kind' <> 'sensor' limit ${MAX_SWEEP}`,
      [new Date(silentSince)],
    )
    if (silent.rows.length === 0) return 0
    const ids = silent.rows.map((row) => row.alert_id)
    await tx.query('select id from alerts where id = any($1::uuid[]) order by fingerprint for update', [ids])
    const events = await tx.query<{ alert_id: string }>(
      `update event_state set lost_at = $3
        where alert_id = any($1::uuid[]) and not ended and lost_at is null and last_message_at < $2
        returning alert_id`,
      [ids, new Date(silentSince), new Date(now)],
    )
    const alerts = await tx.query<AlertRow>(
      `update alerts a set lost = true, version = a.version + 1
        where a.id = any($1::uuid[]) and not a.lost and a.state <> 'resolved' and not exists (
              select from event_state s where s.alert_id = a.id and not s.ended and s.lost_at is null)
        returning a.*`,
      [[...new Set(events.rows.map((row) => row.alert_id))]],
    )
    await writeChanges(
      tx,
      alerts.rows.map((row) => alertChange(row, 'lost')),
    )
    return events.rows.length
  })
  if (marked > 0) onMarked(marked)
  return marked
}
