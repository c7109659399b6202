import { type Actor, hasRole } from '../../core/actor.ts'
import type { Verdict } from '../../core/alert.ts'
import { invalidFaults } from '../../core/api/invalid.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { AlertRow } from './row.ts'

const MAX_REASON = 200
const MAX_NOTE = 2_000
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** 403. `what` follows "only an operator may". */
export function mustBeOperator(actor: Actor, what: string): void {
  if (hasRole(actor, 'operator')) return
  throw new SharpEyesError('forbidden', `only an operator may ${what}; ${actor.name} is none`)
}

/** The row, locked until the transaction ends. 404: there is none. */
export async function lockAlert(tx: Queryable, alertId: string): Promise<AlertRow> {
  const { rows } = UUID.test(alertId)
    ? await tx.query<AlertRow>('select * from alerts where id = $1 for update', [alertId])
    : { rows: [] }
  const [row] = rows
  if (!row) throw new SharpEyesError('not_found', `there is no alert ${alertId.slice(0, 64)}`)
  return row
}

/** The row that an update of a locked alert returns. */
export async function updated(tx: Queryable, sql: string, params: readonly unknown[]): Promise<AlertRow> {
  const { rows } = await tx.query<AlertRow>(sql, params)
  const [row] = rows
  if (!row) throw new SharpEyesError('internal', 'the alert vanished while its row was locked')
  return row
}

/** Reason and note of a verdict, trimmed. 422: a rejection without a reason, or a text that is too long. */
export function verdictTexts(input: {
  verdict: Verdict
  reason?: string | undefined
  note?: string | undefined
}): { readonly reason: string | null; readonly note: string | null } {
  const reason = cleaned('reason', input.reason, MAX_REASON)
  const note = cleaned('note', input.note, MAX_NOTE)
  if (input.verdict === 'rejected' && reason === null)
    throw new SharpEyesError(
      'invalid',
      'reason: a rejection needs a reason, so that the rule can be made better',
      { details: { why: 'reason_needed' } },
    )
  return { reason, note }
}

/** A reason that has to be given: 1–200 characters. `why` says what it is for. */
export function givenReason(text: string | undefined, why: string): string {
  const reason = cleaned('reason', text, MAX_REASON)
  if (reason === null)
    throw new SharpEyesError('invalid', `reason: ${why}`, { details: { why: 'reason_needed' } })
  return reason
}

function cleaned(key: string, text: string | undefined, max: number): string | null {
  const trimmed = text?.trim() ?? ''
  if (trimmed.length > max)
    throw new SharpEyesError('invalid', `${key}: ${trimmed.length} characters, at most ${max} are allowed`, {
      details: { why: 'text_long', key, most: max },
    })
  if (trimmed.includes('\0'))
    throw invalidFaults(`${key}: has a NUL character, which no text may have`, [
      { path: key, message: 'has a NUL character', rule: 'broken_text', values: {} },
    ])
  return trimmed === '' ? null : trimmed
}
