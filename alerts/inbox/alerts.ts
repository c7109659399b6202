import { CATALOGUE } from '../../core/catalogue.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'
import type { AlertRow } from '../alert/row.ts'
import { insertRequests, type PictureRequest } from '../evidence/requests.ts'
import type { AlertPlan, BatchPlan } from './plan.ts'
import { iso, rows } from './write.ts'

/** How much of the picture before and after the start goes into the clip. */
export interface ClipWindow {
  readonly preRollMs: DurationMs
  readonly postRollMs: DurationMs
}

/** Writes the alerts of a batch and gives their rows back by id. Resolved ones first: they make room for new ones. */
export async function writeAlerts(
  tx: Queryable,
  plan: BatchPlan,
  now: EpochMs,
): Promise<ReadonlyMap<string, AlertRow>> {
  const before = await updateAlerts(
    tx,
    plan.alerts.filter((alert) => !alert.opener),
  )
  const opened = await insertAlerts(
    tx,
    plan.alerts.filter((alert) => alert.opener),
    now,
  )
  return new Map([...before, ...opened].map((row) => [row.id, row]))
}

const common = ({ alert }: AlertPlan) => ({
  id: alert.id,
  state: alert.state,
  severity: alert.shown.severity,
  rule_version: alert.shown.rule.version,
  last_seen_at: iso(alert.shown.lastSeenAt),
  resolved_at: alert.resolvedAt === null ? null : iso(alert.resolvedAt),
  occurrences: alert.occurrences,
  lost: alert.lost,
  score: alert.shown.peakScore,
  event_id: alert.shown.id,
  cause: alert.shown,
})

const COMMON_TYPES = `id uuid, state text, severity smallint, rule_version text, last_seen_at timestamptz,
  resolved_at timestamptz, occurrences integer, lost boolean, score real, event_id uuid, cause jsonb`

async function updateAlerts(tx: Queryable, plans: readonly AlertPlan[]): Promise<readonly AlertRow[]> {
  if (plans.length === 0) return []
  const result = await tx.query<AlertRow>(
    `update alerts a set state = r.state, severity = greatest(1, r.severity - a.severity_raise), rule_version = r.rule_version,
            last_seen_at = greatest(a.last_seen_at, r.last_seen_at), resolved_at = r.resolved_at,
            occurrences = r.occurrences, lost = r.lost, score = r.score, event_id = r.event_id, cause = r.cause,
            version = a.version + 1
       from jsonb_to_recordset($1::jsonb) as r (${COMMON_TYPES})
      where a.id = r.id
      returning a.*`,
    rows(plans.map(common)),
  )
  return result.rows
}

async function insertAlerts(
  tx: Queryable,
  plans: readonly AlertPlan[],
  now: EpochMs,
): Promise<readonly AlertRow[]> {
  if (plans.length === 0) return []
  const sites = await readSites(tx, plans)
  const result = await tx.query<AlertRow>(
    `insert into alerts (id, fingerprint, source_kind, source_id, rule_id, rule_version, type, zone, severity,
       purpose, place, state, started_at, since, last_seen_at, resolved_at, occurrences, lost, score, event_id,
       cause, opened_at)
     select id, fingerprint, source_kind, source_id, rule_id, rule_version, type, zone, severity,
       purpose, place, state, started_at, since, last_seen_at, resolved_at, occurrences, lost, score, event_id,
       cause, $2
       from jsonb_to_recordset($1::jsonb) as r (${COMMON_TYPES}, fingerprint text, source_kind text, source_id text,
         rule_id text, type text, zone text, purpose text, place jsonb, started_at timestamptz, since timestamptz)
      returning *`,
    [
      ...rows(
        plans.map((plan) => {
          const opener = plan.opener ?? plan.alert.shown
          return {
            ...common(plan),
            fingerprint: plan.fingerprint,
            source_kind: opener.source.kind,
            source_id: opener.source.id,
            rule_id: opener.rule.id,
            type: opener.type,
            zone: opener.zone,
            started_at: iso(opener.startedAt),
            since: iso(opener.since),
            ...(sites.get(`${opener.source.kind} ${opener.source.id}`) ?? { purpose: null, place: null }),
          }
        }),
      ),
      new Date(now),
    ],
  )
  return result.rows
}

interface Site {
  readonly purpose: string | null
  readonly place: Readonly<Record<string, unknown>> | null
}

/** Purpose and place as configured now: they stay with the alert when the camera moves on. A point carries its datum. */
async function readSites(tx: Queryable, plans: readonly AlertPlan[]): Promise<ReadonlyMap<string, Site>> {
  const sources = plans.map((plan) => plan.alert.shown.source)
  const result = await tx.query<{
    kind: string
    id: string
    purpose: string | null
    place: Readonly<Record<string, unknown>> | null
    datum: string | null
  }>(
    `select c.kind, c.id, c.body ->> 'purpose' as purpose, c.body -> 'place' as place, city.body ->> 'datum' as datum
       from config_objects c left join config_objects city on city.kind = 'city' and city.removed_at is null
      where c.removed_at is null and (c.kind, c.id) in (select * from unnest($1::text[], $2::text[]))`,
    [sources.map((source) => source.kind), sources.map((source) => source.id)],
  )
  return new Map(
    result.rows.map(({ kind, id, purpose, place, datum }) => {
      const point = place && 'lon' in place && datum !== null
      return [`${kind} ${id}`, { purpose, place: point ? { ...place, datum } : place }]
    }),
  )
}

/** Asks for the clip of each alert that a camera's picture opened (nothing is in the ring of a camera that is away). */
export async function requestClips(tx: Queryable, plan: BatchPlan, window: ClipWindow): Promise<void> {
  const requests = plan.alerts.flatMap(({ alert, opener, openedBy }): PictureRequest[] => {
    if (opener?.source.kind !== 'camera' || CATALOGUE[opener.type].needs.kind === 'supervision') return []
    const moment = opener.startedAt
    return [
      {
        ...{ alertId: alert.id, camera: opener.source.id, kind: 'clip', pinId: opener.id, worker: openedBy },
        ...{ from: moment - window.preRollMs, to: moment + window.postRollMs, moment, rank: 0 },
      },
    ]
  })
  await insertRequests(tx, requests)
}
