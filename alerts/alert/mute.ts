import { MAX_MUTE_MS } from '../../core/alert.ts'
import { writeChange } from '../../core/changes.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { AlertCommands } from '../../core/ports/commands.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { AlertHooks } from '../hooks.ts'
import { type AlertRow, alertChange, alertFacts } from './row.ts'
import { givenReason, lockAlert, mustBeOperator, updated } from './text.ts'

const CLOCKS_APART_MS = 5_000

/**
 * 暂缓至: an alert leaves "to verify" until a time, for every desk, and comes back by itself. It suppresses nothing:
 * what the alert tells and reminds goes on.
 */
export function createMute(deps: {
  database: Database
  clock: Clock
  hooks: Partial<Pick<AlertHooks, 'onMuted'>>
}): Pick<AlertCommands, 'mute' | 'unmute'> {
  const { database, clock, hooks } = deps
  return {
    async mute(alertId, input, actor) {
      mustBeOperator(actor, 'mute an alert')
      await database.transaction(async (tx) => {
        const alert = await lockAlert(tx, alertId)
        if (alert.verdict !== null) {
          throw new SharpEyesError(
            'state_conflict',
            `${alert.verdict_by} has ${alert.verdict} this alert already: there is nothing to put off`,
            { details: { why: 'judged', verdict: alert.verdict, by: alert.verdict_by } },
          )
        }
        const reason = givenReason(input.reason, 'say what you wait for')
        const now = clock.now()
        if (input.until <= now || input.until > now + MAX_MUTE_MS) {
          throw new SharpEyesError(
            'invalid',
            `until: ${new Date(input.until).toISOString()} is not within the next ${MAX_MUTE_MS / 3_600_000} h`,
            { details: { why: 'mute_range', hours: MAX_MUTE_MS / 3_600_000 } },
          )
        }
        const row = await updated(
          tx,
          `update alerts set muted_until = $2, muted_by = $3, muted_reason = $4, mute_count = mute_count + 1,
                  version = version + 1
            where id = $1 returning *`,
          [alert.id, new Date(input.until), actor.name, reason],
        )
        await writeChange(tx, alertChange(row, 'muted', actor.name))
        await hooks.onMuted?.(tx, alertFacts(row), input.until)
      })
    },
    async unmute(alertId, actor) {
      mustBeOperator(actor, 'end the mute of an alert')
      await database.transaction(async (tx) => {
        const alert = await lockAlert(tx, alertId)
        if (alert.muted_until !== null) await endMute(tx, alert, actor.name)
      })
    },
  }
}

/** What the timer does at the end of a mute; harmless when it was ended, or put off again, meanwhile. */
export async function endMuteWhenOver(database: Database, clock: Clock, alertId: string): Promise<void> {
  await database.transaction(async (tx) => {
    const alert = await lockAlert(tx, alertId)
    // The job's time is the database's: a clock that is a little behind must not leave the alert without its end.
    if (alert.muted_until === null || alert.muted_until.getTime() > clock.now() + CLOCKS_APART_MS) return
    await endMute(tx, alert, null)
  })
}

async function endMute(tx: Queryable, alert: AlertRow, actor: string | null): Promise<void> {
  const row = await updated(
    tx,
    `update alerts set muted_until = null, muted_by = null, muted_reason = null, version = version + 1
      where id = $1 returning *`,
    [alert.id],
  )
  await writeChange(tx, alertChange(row, 'mute_ended', actor))
}
