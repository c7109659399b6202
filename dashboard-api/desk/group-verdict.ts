import type { z } from 'zod'
import type { groupVerdictBody, groupVerdictShape } from '../../core/api/desk.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { AlertCommands } from '../../core/ports/commands.ts'
import type { Database } from '../../core/ports/database.ts'
import { refusalOf } from '../../core/refusal.ts'
import type { PersonActor } from '../auth/people.ts'

/** A thumbnail writes one look an hour and is kept by the browser for as long: so long ago it was seen. */
const SEEN_HOURS = 2

interface Row {
  readonly id: string
  readonly source_id: string
  readonly rule_id: string
  /** It has a still that this person has not opened. */
  readonly unseen: boolean
}

/**
 * Judges alerts one after the other, each in its own transaction: what a colleague was first with is told and does not
 * stop the rest. Refused as a whole: more than one camera or rule (422), or a still that was never opened (409).
 */
export async function judgeGroup(
  { database, alertCommands }: { database: Database; alertCommands: AlertCommands },
  input: z.output<typeof groupVerdictBody>,
  actor: PersonActor,
): Promise<z.input<typeof groupVerdictShape>> {
  const { rows } = await database.query<Row>(
    `select a.id, a.source_id, a.rule_id,
            exists (select 1 from evidence e where e.owner_kind = 'alert' and e.owner_id = a.id::text
                      and e.kind = 'still' and e.variant = 'masked' and e.tombstoned_at is null)
            and not exists (select 1 from looks l where l.object = 'alert:' || a.id and l.who = $2
                              and l.what = 'still' and l.at > now() - make_interval(hours => $3)) as unseen
       from alerts a where a.id = any($1)`,
    [input.alerts, actor.name, SEEN_HOURS],
  )
  const known = new Map(rows.map((row) => [row.id, row]))
  const missing = input.alerts.find((id) => !known.has(id))
  if (missing) throw new SharpEyesError('not_found', `there is no alert ${missing}`)
  const kinds = new Set(rows.map((row) => `${row.source_id} ${row.rule_id}`))
  if (kinds.size > 1) {
    throw new SharpEyesError(
      'invalid',
      `alerts: they are of ${kinds.size} cameras or rules; one verdict for many is for one rule of one camera`,
      { details: { why: 'mixed_rules', rules: kinds.size } },
    )
  }
  const unseen = rows.filter((row) => row.unseen).map(({ id }) => id)
  if (unseen.length > 0) {
    throw new SharpEyesError(
      'state_conflict',
      `${unseen.length} still(s) were not opened by ${actor.name}: look at every picture first`,
      { details: { why: 'unseen', alerts: unseen } },
    )
  }
  const { alerts, ...verdict } = input
  const items: z.input<typeof groupVerdictShape>['items'] = []
  for (const alert of new Set(alerts)) {
    try {
      await alertCommands.verdict(alert, verdict, actor)
      items.push({ alert, refused: null, detail: null, why: null })
    } catch (thrown) {
      const { code, message, details } = toSharpEyesError(thrown)
      // What is wrong with the verdict itself is wrong for all of them.
      if (code !== 'state_conflict') throw thrown
      items.push({ alert, refused: code, detail: message, why: refusalOf(details) })
    }
  }
  return { items }
}
