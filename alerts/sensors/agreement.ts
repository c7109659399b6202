import { writeChanges } from '../../core/changes.ts'
import type { SensorConfig } from '../../core/config/sensor.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { Metrics } from '../../core/ports/telemetry.ts'
import { AGREE_WITHIN_MS, AGREEING_TYPES, agreeingTypes } from '../../core/sensors/agreement.ts'
import { nearCameras } from '../../core/sensors/near.ts'
import { type AlertRow, alertChange, alertFacts } from '../alert/row.ts'
import type { AlertFacts, AlertHooks } from '../hooks.ts'
import { readCamera } from '../routing/city.ts'
import { readNearCameras } from './city.ts'
import { readSensors } from './store.ts'

/** Any pair will do as long as it is always this one; pairs are apart from single numbers. */
const AGREEMENT_LOCK = [7_382_140, 596]

/**
 * When an exceedance fires and a picture beside its sensor shows what fits it, in either order, both go up by one in
 * severity, once. Runs first of the hooks of a transition: those after it see the alert as raised.
 */
export function createAgreement(deps: {
  readonly clock: Clock
  readonly metrics: Metrics
  /** The hook of routing: a raise to severity 1 may be what makes the department be told at once. */
  readonly onRaised: AlertHooks['onTransition']
}): AlertHooks['onTransition'] {
  const { clock, metrics, onRaised } = deps
  return async (tx, alert, transition) => {
    if (transition !== 'opened' || alert.suppressedBy !== null) return
    const find = await partnersOf(tx, alert)
    if (!find) return
    // A sensor's and a camera's alert that open at the same moment do not see each other: whoever comes second waits here
    // until the first is committed, and finds it then. One lock for all: a storm opens hundreds of exceedances at once.
    await tx.query('select pg_advisory_xact_lock($1::int, $2::int)', AGREEMENT_LOCK)
    const others = await find(tx)
    if (others.length === 0) return
    const ids = others.map(({ id }) => id)
    const raised = await agree(tx, alert.id, ids, clock.now())
    await writeChanges(
      tx,
      raised.map((row) => alertChange(row, 'agreed')),
    )
    metrics.count('alerts_agreed_total', {}, ids.length)
    // This one is told by the hooks that follow.
    for (const row of raised)
      if (row.id !== alert.id && row.state !== 'resolved') await onRaised(tx, alertFacts(row), 'fired')
  }
}

type FindPartners = (tx: Queryable) => Promise<readonly AlertRow[]>

/** How to find and lock the alerts that agree with this one; null: nothing can agree with such an alert. */
async function partnersOf(tx: Queryable, alert: AlertFacts): Promise<FindPartners | null> {
  if (alert.sourceKind === 'camera')
    return AGREEING_TYPES.has(alert.type) ? (tx) => exceedancesNear(tx, alert) : null
  if (alert.type !== 'exceedance') return null
  const configured = (await readSensors(tx, [alert.sourceId])).get(alert.sourceId)
  const types = configured ? agreeingTypes(configured.sensor.factor) : []
  if (!configured || types.length === 0) return null
  const cameras = (await readNearCameras(tx, configured.sensor)).map(({ id }) => id)
  if (cameras.length === 0) return null
  return async (tx) => {
    const { rows } = await tx.query<AlertRow>(
      `${OVERLAPPING} and a.source_kind = 'camera' and a.source_id = any($3::text[]) and a.type = any($4::text[])
       order by a.fingerprint for update of a`,
      [alert.id, AGREE_WITHIN_MS, cameras, types],
    )
    return rows
  }
}

async function exceedancesNear(tx: Queryable, alert: AlertFacts): Promise<readonly AlertRow[]> {
  const camera = await readCamera(tx, alert.sourceId)
  if (!camera) return []
  const { rows } = await tx.query<AlertRow>(
    `${OVERLAPPING} and a.source_kind = 'sensor' and a.type = 'exceedance' order by a.fingerprint`,
    [alert.id, AGREE_WITHIN_MS],
  )
  const sensors = await readSensors(
    tx,
    rows.map((row) => row.source_id),
  )
  const isPartner = (sensor: SensorConfig | undefined) =>
    sensor !== undefined &&
    agreeingTypes(sensor.factor).some((type) => type === alert.type) &&
    nearCameras(sensor, [camera]).length > 0
  const ids = rows.filter((row) => isPartner(sensors.get(row.source_id)?.sensor)).map(({ id }) => id)
  if (ids.length === 0) return []
  const locked = await tx.query<AlertRow>(
    'select * from alerts where id = any($1::uuid[]) order by fingerprint for update',
    [ids],
  )
  return locked.rows
}

/**
 * Alerts whose time overlaps that of alert $1, or that are no more than $2 ms apart from it. A person's rejection and a
 * silence count: such an alert is no witness.
 */
const OVERLAPPING = `select a.* from alerts a, alerts mine
  where mine.id = $1 and a.id <> mine.id and a.suppressed_by is null and a.verdict is distinct from 'rejected'
    and a.since <= coalesce(mine.resolved_at, 'infinity') + $2 * interval '1 ms'
    and coalesce(a.resolved_at, 'infinity') >= mine.since - $2 * interval '1 ms'`

/** Writes down who agrees with whom. Rows come back as they are now. */
async function agree(
  tx: Queryable,
  id: string,
  others: readonly string[],
  now: number,
): Promise<readonly AlertRow[]> {
  const { rows } = await tx.query<AlertRow>(
    `update alerts a set severity = greatest(1, a.severity - 1 + a.severity_raise), severity_raise = 1,
            agrees_with = a.agrees_with || case when a.id = $1 then $2::uuid[] else array[$1::uuid] end,
            agreed_at = coalesce(a.agreed_at, $3), version = a.version + 1
      where a.id = $1 or a.id = any($2::uuid[])
      returning a.*`,
    [id, others, new Date(now)],
  )
  return rows
}
