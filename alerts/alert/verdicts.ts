import type { Verdict } from '../../core/alert.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { AlertRow } from './row.ts'

/** A row of `verdicts`: one judgement of an alert, and how it ended. */
export interface VerdictRow {
  readonly alert_id: string
  /** 1 for the alert's first verdict; part of the names of what is sent about it. */
  readonly n: number
  readonly verdict: Verdict
  readonly reason: string | null
  readonly note: string | null
  readonly by: string
  readonly at: Date
  /** Ids of the notifications that it cancelled. */
  readonly held: readonly string[]
}

/** Writes the verdict that now stands on a locked alert; the one before has been ended. */
export async function recordVerdict(tx: Queryable, alert: AlertRow): Promise<VerdictRow> {
  const { rows } = await tx.query<VerdictRow>(
    `insert into verdicts (alert_id, n, verdict, reason, note, by, at)
     select id, 1 + coalesce((select max(n) from verdicts where alert_id = alerts.id), 0),
            verdict, verdict_reason, verdict_note, verdict_by, verdict_at
       from alerts where id = $1 and verdict is not null returning *`,
    [alert.id],
  )
  const [row] = rows
  if (!row) throw new SharpEyesError('internal', `alert ${alert.id} has no verdict to record`)
  return row
}

/** The verdict that stands on a locked alert; null: nobody has judged it. */
export async function standingVerdict(tx: Queryable, alert: AlertRow): Promise<VerdictRow | null> {
  if (alert.verdict === null) return null
  const { rows } = await tx.query<VerdictRow>(
    'select * from verdicts where alert_id = $1 and ended is null',
    [alert.id],
  )
  return rows[0] ?? recordVerdict(tx, alert)
}

/** The same verdict with a better reason; its time stays, so that the time to undo it does not begin anew. */
export async function rewordVerdict(tx: Queryable, alert: AlertRow): Promise<void> {
  await tx.query('update verdicts set reason = $2, note = $3 where alert_id = $1 and ended is null', [
    alert.id,
    alert.verdict_reason,
    alert.verdict_note,
  ])
}

export async function holdFor(tx: Queryable, { alert_id, n }: VerdictRow, held: readonly string[]) {
  await tx.query('update verdicts set held = $3::uuid[] where alert_id = $1 and n = $2', [alert_id, n, held])
}

export async function endVerdict(
  tx: Queryable,
  { alert_id, n }: VerdictRow,
  end: {
    readonly how: 'undone' | 'withdrawn' | 'replaced'
    readonly by: string
    readonly at: number
    readonly reason: string | null
  },
): Promise<void> {
  await tx.query(
    `update verdicts set ended = $3, ended_by = $4, ended_at = $5, ended_reason = $6 where alert_id = $1 and n = $2`,
    [alert_id, n, end.how, end.by, new Date(end.at), end.reason],
  )
}
