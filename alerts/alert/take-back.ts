import type { Actor } from '../../core/actor.ts'
import { UNDO_MS } from '../../core/alert.ts'
import { writeChange } from '../../core/changes.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { AlertCommands } from '../../core/ports/commands.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { AlertHooks } from '../hooks.ts'
import { type AlertRow, alertChange, alertFacts } from './row.ts'
import { givenReason, lockAlert, mustBeOperator, updated } from './text.ts'
import { endVerdict, standingVerdict, type VerdictRow } from './verdicts.ts'

/**
 * Takes a verdict back: within 10 s by the one who gave it, without a trace outside (`undoVerdict`), or later by any
 * operator with a reason, which corrects what was sent (`withdrawVerdict`). Either way the alert is to be verified
 * again. Refused with `state_conflict` and `details.why`: `none`, `filed`, `other`, `late`, `left`.
 */
export function createTakeBack(deps: {
  database: Database
  clock: Clock
  hooks: Partial<Pick<AlertHooks, 'onVerdictTakenBack'>>
}): Pick<AlertCommands, 'undoVerdict' | 'withdrawVerdict'> {
  const { database, clock, hooks } = deps

  const takeBack = async (
    tx: Queryable,
    alert: AlertRow,
    standing: VerdictRow,
    how: 'undone' | 'withdrawn',
    reason: string | null,
    actor: Actor,
  ): Promise<void> => {
    await endVerdict(tx, standing, { how, by: actor.name, at: clock.now(), reason })
    const row = await updated(
      tx,
      `update alerts set verdict = null, verdict_reason = null, verdict_note = null, verdict_by = null,
              verdict_at = null, version = version + 1
        where id = $1 returning *`,
      [alert.id],
    )
    await writeChange(tx, alertChange(row, `verdict_${how}`, actor.name))
    await hooks.onVerdictTakenBack?.(tx, alertFacts(row), {
      verdict: standing.verdict,
      n: standing.n,
      held: standing.held,
      how,
      reason,
      actor,
    })
  }

  return {
    async undoVerdict(alertId, actor) {
      mustBeOperator(actor, 'take a verdict back')
      await database.transaction(async (tx) => {
        const { alert, standing } = await judged(tx, alertId)
        if (standing.by !== actor.name) {
          throw refused('other', `${standing.by} has given this verdict; only they can undo it`, standing)
        }
        if (clock.now() - standing.at.getTime() > UNDO_MS) {
          const text = `the verdict is older than ${UNDO_MS / 1_000} s: take it back with a reason`
          throw refused('late', text, standing)
        }
        await takeBack(tx, alert, standing, 'undone', null, actor)
      })
    },
    async withdrawVerdict(alertId, input, actor) {
      mustBeOperator(actor, 'take a verdict back')
      await database.transaction(async (tx) => {
        const { alert, standing } = await judged(tx, alertId)
        const reason = givenReason(input.reason, 'what was told may be corrected: say why')
        await takeBack(tx, alert, standing, 'withdrawn', reason, actor)
      })
    },
  }
}

async function judged(
  tx: Queryable,
  alertId: string,
): Promise<{ readonly alert: AlertRow; readonly standing: VerdictRow }> {
  const alert = await lockAlert(tx, alertId)
  const standing = await standingVerdict(tx, alert)
  if (!standing) throw refused('none', 'nobody has judged this alert')
  const { rows } = await tx.query<{ no: string; state: string }>(
    "select no, state from cases where alert_id = $1 and state <> 'voided'",
    [alert.id],
  )
  const [filed] = rows
  if (!filed) return { alert, standing }
  throw new SharpEyesError(
    'state_conflict',
    `alert ${alert.id} has case ${filed.no}: filing is not undone; void the case with a reason`,
    { details: { why: 'filed', no: filed.no, state: filed.state } },
  )
}

const refused = (why: 'none' | 'other' | 'late', text: string, standing?: VerdictRow): SharpEyesError =>
  new SharpEyesError('state_conflict', text, {
    details: standing
      ? { why, verdict: standing.verdict, by: standing.by, at: standing.at.toISOString() }
      : { why },
  })
