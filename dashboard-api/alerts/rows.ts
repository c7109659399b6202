import type { AlertItem } from '../../core/api/shapes.ts'
import { CATALOGUE, type Purpose } from '../../core/catalogue.ts'
import type { HazardEvent, Severity } from '../../core/event.ts'
import type { City } from '../city.ts'
import { microsOf } from '../http/paging.ts'
import { isoOf, placeOf } from '../http/values.ts'

/** An alert with the state of its pictures, as one row. */
export interface AlertRow {
  readonly id: string
  readonly source_kind: 'camera' | 'sensor'
  readonly source_id: string
  readonly rule_id: string
  readonly type: string
  readonly zone: string | null
  readonly severity: Severity
  readonly purpose: Purpose | null
  readonly place: AlertItem['place'] | null
  readonly state: AlertItem['state']
  readonly suppressed_by: string | null
  readonly acknowledged_by: string | null
  readonly acknowledged_at: Date | null
  readonly verdict: AlertItem['verdict']
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
  readonly cause: HazardEvent
  readonly case_no: string | null
  readonly opened_at: Date
  readonly version: number
  readonly agrees_with: readonly string[]
  readonly agreed_at: Date | null
  readonly muted_until: Date | null
  readonly muted_by: string | null
  readonly muted_reason: string | null
  readonly opened_micros: string
  readonly still_evidence: Stored | null
  readonly clip_evidence: Stored | null
  readonly still_request: Requested | null
  readonly clip_request: Requested | null
  readonly clip_error: string | null
  readonly withdrawn_at: Date | null
}

type Stored = 'there' | 'gone'
export type Requested = 'waiting' | 'done' | 'failed'

/** An alert shows its own camera; a sensor has none, and its alert shows the cameras near it. */
const shows = (table: string) => `(${table}.camera = a.source_id or a.source_kind = 'sensor')`
const stored = (kind: string) =>
  `(select case when bool_or(e.tombstoned_at is null) then 'there' when count(*) > 0 then 'gone' end
    from evidence e where e.owner_kind = 'alert' and e.owner_id = a.id::text and e.kind = '${kind}' and e.variant = 'masked'
      and ${shows('e')})`
const requested = (kind: string) =>
  `(select case when bool_or(r.state = 'waiting') then 'waiting' when bool_or(r.state = 'done') then 'done'
      when count(*) > 0 then 'failed' end
    from picture_requests r where r.alert_id = a.id and r.kind = '${kind}' and ${shows('r')})`

/** When its only event was taken back, also after it had ended; of several the others may stand. */
const WITHDRAWN = `(select p.updated_at from sensor_episodes p
    where a.source_kind = 'sensor' and a.occurrences = 1 and p.event_id = a.event_id and p.void = 'withdrawn')`

/** Not muted: its time may be over before the timer has said so. */
export const NOT_MUTED = '(a.muted_until is null or a.muted_until <= now())'

/** `select … from alerts a`: add `where` and `order by` after it. */
export const SELECT_ALERTS = `select a.id, a.source_kind, a.source_id, a.rule_id, a.type, a.zone, a.severity, a.purpose, a.place,
    a.state,
    a.suppressed_by, a.acknowledged_by, a.acknowledged_at, a.verdict, a.verdict_reason, a.verdict_note, a.verdict_by,
    a.verdict_at, a.started_at, a.since, a.last_seen_at, a.resolved_at, a.occurrences, a.lost, a.score, a.cause, a.case_no,
    a.opened_at, a.version, a.agrees_with, a.agreed_at, a.muted_until, a.muted_by, a.muted_reason, ${microsOf('a.opened_at')} as opened_micros,
    ${stored('still')} as still_evidence, ${stored('clip')} as clip_evidence,
    ${requested('still')} as still_request, ${requested('clip')} as clip_request,
    (select r.error from picture_requests r
      where r.alert_id = a.id and r.kind = 'clip' and ${shows('r')} and r.error is not null order by r.rank limit 1) as clip_error,
    ${WITHDRAWN} as withdrawn_at
  from alerts a`

/**
 * Row right of officers: alerts whose case has their department as lead or assistant, and those that their department
 * was told of at once: the message links to the alert.
 */
export const OF_DEPARTMENT = `exists (select 1 from cases c where c.alert_id = a.id and (c.lead = $? or $? = any(c.assist)))
    or exists (select 1 from notifications n
      where n.group_kind = 'alert' and n.group_id = a.id::text and n.department = $?)`

export function toAlertItem(row: AlertRow, city: City): AlertItem {
  const source = row.source_kind === 'camera' ? city.camera(row.source_id) : city.sensor(row.source_id)
  return {
    id: row.id,
    type: row.type,
    severity: row.severity,
    state: row.state,
    verdict: row.verdict,
    verdictReason: row.verdict_reason,
    verdictBy: row.verdict_by,
    verdictAt: isoOf(row.verdict_at),
    muted:
      row.muted_until === null
        ? null
        : {
            until: row.muted_until.toISOString(),
            by: row.muted_by ?? '',
            reason: row.muted_reason ?? '',
          },
    acknowledgedBy: row.acknowledged_by,
    acknowledgedAt: isoOf(row.acknowledged_at),
    suppressedBy: row.suppressed_by,
    camera: row.source_id,
    cameraName: source?.name ?? { zh: row.source_id, en: row.source_id },
    // As known when it was opened; a camera may have been moved since.
    place: row.place ?? placeOf(source, city),
    purpose: row.purpose,
    zone: row.zone,
    rule: row.rule_id,
    startedAt: row.started_at.toISOString(),
    since: row.since.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    resolvedAt: isoOf(row.resolved_at),
    withdrawnAt: isoOf(row.withdrawn_at),
    openedAt: row.opened_at.toISOString(),
    occurrences: row.occurrences,
    lost: row.lost,
    score: row.score,
    still: stillState(row),
    clip: clipState(row),
    caseNo: row.case_no,
    version: row.version,
  }
}

export function stillState(row: AlertRow): AlertItem['still'] {
  if (row.still_evidence) return row.still_evidence === 'there' ? 'ready' : 'expired'
  const { still, type } = row.cause
  if (still !== null && 'failed' in still) return 'failed'
  if (row.still_request !== null) return row.still_request === 'waiting' ? 'pending' : 'failed'
  // A camera that is away has no picture of it, and a sensor has only those that were asked for.
  const pictured = row.source_kind === 'camera' && CATALOGUE[type].needs.kind !== 'supervision'
  return pictured && row.state !== 'resolved' ? 'pending' : 'none'
}

export function clipState(row: AlertRow): AlertItem['clip'] {
  if (row.clip_evidence) return row.clip_evidence === 'there' ? 'ready' : 'expired'
  if (row.clip_request === null) return 'none'
  return row.clip_request === 'waiting' ? 'pending' : 'failed'
}
