import { type Actor, hasRole } from '../../core/actor.ts'
import type { Verdict } from '../../core/alert.ts'
import { writeChange } from '../../core/changes.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { AlertCommands, Clock, Database, Metrics, Queryable } from '../../core/ports.ts'
import type { AlertHooks } from '../hooks.ts'
import { type AlertRow, alertChange, alertFacts } from './row.ts'

const MAX_REASON = 200
const MAX_NOTE = 2_000
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * What people do with an alert. Checks in the order rights (403), existence (404), what others decided meanwhile
 * (409), content (422). The change, and what the hooks add to it, are one transaction.
 */
export function createAlertCommands(deps: {
  database: Database
  clock: Clock
  metrics: Metrics
  hooks?: Partial<Pick<AlertHooks, 'onVerdict' | 'onAcknowledged'>>
}): AlertCommands {
  const { database, clock, metrics, hooks = {} } = deps

  return {
    /** Says "I have it". The first acknowledgement stands; a second one changes nothing. */
    async acknowledge(alertId, actor) {
      mustBeOperator(actor, 'acknowledge an alert')
      await database.transaction(async (tx) => {
        const alert = await lockAlert(tx, alertId)
        if (alert.acknowledged_at !== null) return
        const name = actor.name
        const row = await one(
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
        const { reason, note } = content(input)
        const same = alert.verdict === input.verdict
        // A colleague's equal verdict stands as it is; one's own may get a better reason.
        if (
          same &&
          (alert.verdict_by !== name || (alert.verdict_reason === reason && alert.verdict_note === note))
        )
          return false
        const row = await one(
          tx,
          `update alerts set verdict = $2, verdict_reason = $3, verdict_note = $4, verdict_by = $5, verdict_at = $6,
                  version = version + 1
            where id = $1 returning *`,
          [alert.id, input.verdict, reason, note, name, new Date(clock.now())],
        )
        await writeChange(tx, alertChange(row, 'verdict', name))
        if (!same) await hooks.onVerdict?.(tx, alertFacts(row), { verdict: input.verdict, reason, actor })
        return !same
      })
      if (changed) metrics.count('verdicts_total', { verdict: input.verdict })
    },
  }
}

function mustBeOperator(actor: Actor, what: string): void {
  if (hasRole(actor, 'operator')) return
  throw new SharpEyesError('forbidden', `only an operator may ${what}; ${actor.name} is none`)
}

async function lockAlert(tx: Queryable, alertId: string): Promise<AlertRow> {
  const { rows } = UUID.test(alertId)
    ? await tx.query<AlertRow>('select * from alerts where id = $1 for update', [alertId])
    : { rows: [] }
  const [row] = rows
  if (!row) throw new SharpEyesError('not_found', `there is no alert ${alertId.slice(0, 64)}`)
  return row
}

async function one(tx: Queryable, sql: string, params: readonly unknown[]): Promise<AlertRow> {
  const { rows } = await tx.query<AlertRow>(sql, params)
  const [row] = rows
  if (!row) throw new SharpEyesError('internal', 'the alert vanished while its row was locked')
  return row
}

function conflict(alert: AlertRow): SharpEyesError {
  const at = alert.verdict_at?.toISOString() ?? null
  return new SharpEyesError(
    'state_conflict',
    `${alert.verdict_by} has ${alert.verdict} this alert already, at ${at}; talk to each other, then ${alert.verdict_by} can change it`,
    {
      details: {
        verdict: alert.verdict,
        reason: alert.verdict_reason,
        by: alert.verdict_by,
        at,
        version: alert.version,
      },
    },
  )
}

function content(input: { verdict: Verdict; reason?: string | undefined; note?: string | undefined }): {
  reason: string | null
  note: string | null
} {
  const reason = cleaned('reason', input.reason, MAX_REASON)
  const note = cleaned('note', input.note, MAX_NOTE)
  if (input.verdict === 'rejected' && reason === null)
    throw new SharpEyesError(
      'invalid',
      'reason: a rejection needs a reason, so that the rule can be made better',
    )
  return { reason, note }
}

function cleaned(key: string, text: string | undefined, max: number): string | null {
  const trimmed = text?.trim() ?? ''
  if (trimmed.length > max)
    throw new SharpEyesError('invalid', `${key}: ${trimmed.length} characters, at most ${max} are allowed`)
  if (trimmed.includes('\0'))
    throw new SharpEyesError('invalid', `${key}: has a NUL character, which no text may have`)
  return trimmed === '' ? null : trimmed
}
