import { auditTimeSql } from '../../core/audit/leaf.ts'
import type { CaseFacts } from '../../core/case/state.ts'
import type { HazardEvent, Severity } from '../../core/event.ts'
import type { PackChange, PackLog } from '../../core/pack/documents.ts'
import type { Queryable } from '../../core/ports/database.ts'

/** Everything a pack tells, as one snapshot of the database has it. */
export interface Gathered {
  readonly facts: CaseFacts
  readonly held: boolean
  readonly alert: PackAlertRow | null
  readonly evidence: readonly PackEvidenceRow[]
  readonly log: PackLog
  readonly changes: readonly PackChange[]
}

export interface PackAlertRow {
  readonly id: string
  readonly type: string
  readonly severity: Severity
  readonly state: string
  readonly source_kind: string
  readonly source_id: string
  readonly zone: string | null
  readonly rule_id: string
  readonly rule_version: string
  readonly verdict: string | null
  readonly verdict_reason: string | null
  readonly verdict_note: string | null
  readonly verdict_by: string | null
  readonly verdict_at: Date | null
  readonly acknowledged_by: string | null
  readonly acknowledged_at: Date | null
  readonly since: Date
  readonly started_at: Date
  readonly last_seen_at: Date
  readonly resolved_at: Date | null
  readonly occurrences: number
  readonly cause: HazardEvent
}

export interface PackEvidenceRow {
  readonly id: string
  readonly kind: 'still' | 'clip' | 'attachment'
  readonly variant: 'masked' | 'original'
  readonly sha256: string
  readonly bytes: number
  readonly media_type: string
  readonly name: string | null
  readonly camera: string | null
  readonly captured_at: Date | null
  readonly method: string | null
  readonly created_by: string
  readonly created_at: Date
  readonly tombstoned_at: Date | null
  readonly tombstone_reason: string | null
}

/** Reads in the caller's transaction, which is one snapshot. `originals`: with sealed pictures. */
export async function gather(
  tx: Queryable,
  found: { readonly body: CaseFacts; readonly held: boolean },
  originals: boolean,
): Promise<Gathered> {
  const { no, alertId } = found.body
  const alert =
    alertId === null
      ? null
      : ((await tx.query<PackAlertRow>('select * from alerts where id = $1', [alertId])).rows[0] ?? null)
  const evidence = await tx.query<Omit<PackEvidenceRow, 'bytes'> & { bytes: string }>(
    `select id, kind, variant, sha256, bytes, media_type, name, camera, captured_at, meta ->> 'method' as method,
            created_by, created_at, tombstoned_at, tombstone_reason
       from evidence
      where (owner_kind = 'case' and owner_id = $1 or owner_kind = 'alert' and owner_id = $2)
        and (kind = 'attachment' or variant = 'masked' or $3)
      order by array_position(array['still', 'clip', 'attachment'], kind), captured_at nulls last, created_at, id`,
    [no, alertId, originals],
  )
  return {
    facts: found.body,
    held: found.held,
    alert,
    evidence: evidence.rows.map((row) => ({ ...row, bytes: Number(row.bytes) })),
    log: await readLog(tx, no),
    changes: await readChanges(tx, no, alertId),
  }
}

async function readLog(tx: Queryable, no: string): Promise<PackLog> {
  const { rows } = await tx.query<Omit<PackLog[number], 'at'> & { at: Date }>(
    `select seq, at, actor, actor_kind as "actorKind", role, kind, from_state as "from", to_state as "to", reason, data
       from follow_ups where case_no = $1 order by seq`,
    [no],
  )
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }))
}

const CHANGE = `select pos::text as pos, ${auditTimeSql('at')} as at, topic, key, payload from changes`
const OF_MATTER = `(topic = 'case' and key = $1 or topic = 'alert' and key = $2)`

async function readChanges(tx: Queryable, no: string, alertId: string | null): Promise<PackChange[]> {
  const { rows } = await tx.query<PackChange>(
    `${CHANGE} where ${OF_MATTER} and pos is not null order by changes.pos`,
    [no, alertId],
  )
  return rows
}

/** Whether a change of the case or its alert still waits for its position. */
export async function hasUnpositioned(tx: Queryable, no: string, alertId: string | null): Promise<boolean> {
  const { rowCount } = await tx.query(`select 1 from changes where pos is null and ${OF_MATTER} limit 1`, [
    no,
    alertId,
  ])
  return rowCount > 0
}

/** The change that says that this manifest was exported, once it has its position. */
export async function findExport(tx: Queryable, no: string, manifest: string): Promise<PackChange | null> {
  const { rows } = await tx.query<PackChange>(
    `${CHANGE} where topic = 'case' and key = $1 and payload #>> '{exported,manifest}' = $2 and pos is not null
      order by changes.pos desc limit 1`,
    [no, manifest],
  )
  return rows[0] ?? null
}
