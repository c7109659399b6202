import { writeChange } from '../../core/changes.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { AlertCommands } from '../../core/ports/commands.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Metrics } from '../../core/ports/telemetry.ts'
import type { AlertHooks } from '../hooks.ts'
import { createMute } from './mute.ts'
import { type AlertRow, alertChange, alertFacts } from './row.ts'
import { createTakeBack } from './take-back.ts'
import { lockAlert, mustBeOperator, updated, verdictTexts } from './text.ts'
import { endVerdict, holdFor, recordVerdict, rewordVerdict, standingVerdict } from './verdicts.ts'

/**
 * What people do with an alert. Checks in the order rights (403), existence (404), what others decided meanwhile
 * (409), content (422). The change, and what the hooks add to it, are one transaction.
 */
export function createAlertCommands(deps: {
  database: Database
  clock: Clock
  metrics: Metrics
  hooks?: Partial<Pick<AlertHooks, 'onVerdict' | 'onVerdictTakenBack' | 'onAcknowledged' | 'onMuted'>>
}): AlertCommands {
  const { database, clock, metrics, hooks = {} } = deps

  return {
    ...createTakeBack({ database, clock, hooks }),
    ...createMute({ database, clock, hooks }),

    /** Says "I have it". The first acknowledgement stands; a second one changes nothing. */
    async acknowledge(alertId, actor) {
      mustBeOperator(actor, 'acknowledge an alert')
      await database.transaction(async (tx) => {
        const alert = await lockAlert(tx, alertId)
        if (alert.acknowledged_at !== null) return
        const name = actor.name
        const row = await updated(
          tx,
          `update alerts set acknowledged_by = $2, acknowledged_at = $3, version = version + 1
            where id = $1 returning *`,
          [alert.id, name, new Date(clock.now())],
        )
        await writeChange(tx, alertChange(row, 'acknowledged', name))
        await hooks.onAcknowledged?.(tx, alertFacts(row), actor)
      })
    },

    /**
     * Confirms or rejects (a rejection needs a reason). The same verdict again changes nothing; another verdict than
     * a colleague's is `state_conflict` with who and when. A person may correct their own.
     */
    async verdict(alertId, input, actor) {
      mustBeOperator(actor, 'judge an alert')
      const name = actor.name
      const changed = await database.transaction(async (tx) => {
        const alert = await lockAlert(tx, alertId)
        if (alert.verdict !== null && alert.verdict !== input.verdict && alert.verdict_by !== name)
          throw conflict(alert)
        const { reason, note } = verdictTexts(input)
        const same = alert.verdict === input.verdict
        // A colleague's equal verdict stands as it is; one's own may get a better reason.
        if (
          same &&
          (alert.verdict_by !== name || (alert.verdict_reason === reason && alert.verdict_note === note))
        )
          return false
        const standing = await standingVerdict(tx, alert)
        const now = clock.now()
        if (standing && !same) {
          await endVerdict(tx, standing, { how: 'replaced', by: name, at: now, reason: null })
        }
        const row = await updated(
          tx,
          `update alerts set verdict = $2, verdict_reason = $3, verdict_note = $4, verdict_by = $5, verdict_at = $6,
                  muted_until = null, muted_by = null, muted_reason = null, version = version + 1
            where id = $1 returning *`,
          // Better words for the same verdict do not begin the time to undo it anew.
          [alert.id, input.verdict, reason, note, name, same ? alert.verdict_at : new Date(now)],
        )
        await writeChange(tx, alertChange(row, 'verdict', name))
        if (standing && same) {
          await rewordVerdict(tx, row)
          return false
        }
        if (standing) {
          const { verdict, n, held } = standing
          const how = 'replaced'
          await hooks.onVerdictTakenBack?.(tx, alertFacts(row), { verdict, n, held, how, reason, actor })
        }
        const given = await recordVerdict(tx, row)
        const held = await hooks.onVerdict?.(tx, alertFacts(row), {
          verdict: input.verdict,
          n: given.n,
          reason,
          actor,
        })
        if (held && held.length > 0) await holdFor(tx, given, held)
        return !same
      })
      if (changed) metrics.count('verdicts_total', { verdict: input.verdict })
    },
  }
}

function conflict(alert: AlertRow): SharpEyesError {
  const at = alert.verdict_at?.toISOString() ?? null
  return new SharpEyesError(
    'state_conflict',
    `${alert.verdict_by} has ${alert.verdict} this alert already, at ${at}; talk to each other, then ${alert.verdict_by} can change it`,
    {
      details: {
        why: 'judged',
        verdict: alert.verdict,
        reason: alert.verdict_reason,
        by: alert.verdict_by,
        at,
        version: alert.version,
      },
    },
  )
}
