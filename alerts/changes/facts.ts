import type { Queryable } from '../../core/ports/database.ts'
import type { PositionedChange } from './read.ts'

/** Facts of alerts and cases that never change, by id and number: what a change row need not repeat. */
export interface MatterFacts {
  readonly alerts: ReadonlyMap<string, AlertOrigin>
  readonly cases: ReadonlyMap<string, CaseOrigin>
}

export interface AlertOrigin {
  readonly fingerprint: string
  readonly source_kind: string
  readonly rule_id: string
  readonly since: Date
  readonly place: unknown
}

export interface CaseOrigin {
  readonly purpose: string | null
  readonly place: unknown
  readonly filed_at: Date
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Rows of alerts and cases are never deleted, so that a change published late finds its own. */
export async function readFacts(
  database: Queryable,
  changes: readonly PositionedChange[],
): Promise<MatterFacts> {
  const keys = (topic: string) => [
    ...new Set(changes.filter((change) => change.topic === topic).map((change) => change.key)),
  ]
  const ids = keys('alert').filter((key) => UUID.test(key))
  const numbers = keys('case')
  const alerts =
    ids.length > 0
      ? await database.query<AlertOrigin & { id: string }>(
          'select id, fingerprint, source_kind, rule_id, since, place from alerts where id = any($1::uuid[])',
          [ids],
        )
      : { rows: [] }
  const cases =
    numbers.length > 0
      ? await database.query<CaseOrigin & { no: string }>(
          'select no, purpose, place, filed_at from cases where no = any($1)',
          [numbers],
        )
      : { rows: [] }
  return {
    alerts: new Map(alerts.rows.map((row) => [row.id, row])),
    cases: new Map(cases.rows.map((row) => [row.no, row])),
  }
}
