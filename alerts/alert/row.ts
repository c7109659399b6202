import type { AlertState, Verdict } from '../../core/alert.ts'
import type { NewChange } from '../../core/changes.ts'
import type { HazardEvent, Severity } from '../../core/event.ts'
import type { AlertFacts } from '../hooks.ts'

/** A row of `alerts` as PostgreSQL gives it. */
export interface AlertRow {
  readonly id: string
  readonly fingerprint: string
  readonly source_kind: 'camera' | 'sensor'
  readonly source_id: string
  readonly rule_id: string
  readonly rule_version: string
  readonly type: string
  readonly zone: string | null
  /** Of the event, with the raise taken in. */
  readonly severity: Severity
  readonly purpose: string | null
  readonly place: Readonly<Record<string, unknown>> | null
  readonly state: AlertState
  readonly suppressed_by: string | null
  readonly acknowledged_by: string | null
  readonly acknowledged_at: Date | null
  readonly verdict: Verdict | null
  readonly verdict_reason: string | null
  readonly verdict_note: string | null
  readonly verdict_by: string | null
  readonly verdict_at: Date | null
  readonly started_at: Date
  readonly since: Date
  readonly last_seen_at: Date
  readonly resolved_at: Date | null
  readonly occurrences: number
  readonly lost: boolean
  readonly score: number
  readonly event_id: string
  readonly cause: HazardEvent
  readonly case_no: string | null
  readonly opened_at: Date
  readonly version: number
  /** 1: a sensor and a picture agree, so it is one more severe than its event. */
  readonly severity_raise: number
  /** Ids of the alerts that it agrees with. */
  readonly agrees_with: readonly string[]
  readonly agreed_at: Date | null
  /** Out of "to verify" until then; null: not muted. */
  readonly muted_until: Date | null
  readonly muted_by: string | null
  readonly muted_reason: string | null
}

export const alertFacts = (row: AlertRow): AlertFacts => ({
  id: row.id,
  type: row.type,
  severity: row.severity,
  sourceKind: row.source_kind,
  sourceId: row.source_id,
  zone: row.zone,
  purpose: row.purpose,
  state: row.state,
  suppressedBy: row.suppressed_by,
  startedAt: row.started_at.getTime(),
  caseNo: row.case_no,
})

/** What happened to an alert, as the change log says it. */
type AlertChange =
  | 'opened'
  | 'recurred'
  | 'updated'
  | 'resolved'
  | 'lost'
  | 'acknowledged'
  | 'verdict'
  | 'verdict_undone'
  | 'verdict_withdrawn'
  | 'muted'
  | 'mute_ended'
  | 'agreed'
  | 'picture'
  | 'held'
  | 'hold_released'

/** The change row of an alert: what happened, who did it, and the short state that lists show. */
export function alertChange(row: AlertRow, kind: AlertChange, actor: string | null = null): NewChange {
  return {
    topic: 'alert',
    key: row.id,
    payload: {
      kind,
      actor,
      id: row.id,
      type: row.type,
      severity: row.severity,
      state: row.state,
      verdict: row.verdict,
      verdictReason: row.verdict_reason,
      acknowledgedBy: row.acknowledged_by,
      camera: row.source_id,
      zone: row.zone,
      purpose: row.purpose,
      startedAt: row.started_at,
      lastSeenAt: row.last_seen_at,
      resolvedAt: row.resolved_at,
      occurrences: row.occurrences,
      lost: row.lost,
      caseNo: row.case_no,
      eventId: row.event_id,
      agreesWith: row.agrees_with,
      suppressedBy: row.suppressed_by,
      mutedUntil: row.muted_until,
      version: row.version,
    },
  }
}
