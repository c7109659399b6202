import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import { faultOf, OFFLINE_AFTER_MS, type SensorFault, UNUSABLE_AFTER_MS } from '../../core/sensors/fault.ts'
import { afterSilence, END_REASONS } from '../../core/sensors/limit.ts'
import { limitRule, MIN_HOLD_MS } from '../../core/sensors/series.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'
import type { Inbox } from '../inbox/inbox.ts'
import { createStandstill } from '../lost/standstill.ts'
import { LIMIT_CHANGED } from './batch.ts'
import { countAt, readOpen, type ToldEvent } from './episodes.ts'
import { eventIdOf, faultEvent } from './events.ts'
import { type Configured, type SensorRecord, withConfig } from './record.ts'
import { lock, lockSensors, readSensors, writeSensors } from './store.ts'
import { createTelling, type Telling } from './tell.ts'

export interface SensorWatchDeps {
  readonly database: Database
  readonly inbox: Pick<Inbox, 'applyIn'>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Whether messages are known to wait somewhere, or nobody is there who takes readings: then silence says nothing. */
  readonly lagging?: () => boolean
}

const EVERY_MS: DurationMs = 5_000
/** After this part or the database came back: what waited at the door needs time to come in. */
const GRACE_MS: DurationMs = 30_000
const MAX_SENSORS = 200
/** Any number will do as long as it is always this one. */
const WATCH_LOCK = 7_382_140_596

export interface SensorWatch {
  /** One look. Answers how many sensors it told something of. Throws when the database is away. */
  runOnce(): Promise<number>
  /** Looks every 5 s until aborted. */
  run(signal: AbortSignal): Promise<void>
}

/**
 * What time alone decides about sensors: faults (silence, `offline`, nothing but fault flags) begin and end, an exceedance
 * whose sensor has been silent for too long ends, and a configuration that changed is taken into account also where no
 * reading comes. Any number of processes may run it; one of them looks at a time.
 */
export function createSensorWatch(deps: SensorWatchDeps): SensorWatch {
  const { database, inbox, clock, log, metrics } = deps
  const standstill = createStandstill({
    ...{ database, clock, log, what: 'silent sensors', graceMs: GRACE_MS, everyMs: EVERY_MS },
    lagging: deps.lagging,
  })

  async function runOnce(): Promise<number> {
    try {
      const listening = await standstill.listeningSince()
      if (listening === null) return 0
      const now = clock.now()
      const { told, report } = await database.transaction(async (tx) => {
        const { rows } = await tx.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [
          WATCH_LOCK,
        ])
        if (rows[0]?.mine !== true) return { told: 0, report: () => undefined }
        const telling = createTelling(now, metrics)
        const told = await look(tx, telling, now, listening)
        return { told, report: await telling.write(tx, inbox) }
      })
      report()
      for (const [state, value] of Object.entries(await countSensors(database)))
        metrics.gauge('sensors', { state }, value)
      return told
    } catch (error) {
      standstill.failed()
      throw error
    }
  }

  return {
    runOnce,
    async run(signal) {
      while (!signal.aborted) {
        try {
          await runOnce()
        } catch (error) {
          log.warn(
            { error: error instanceof Error ? error.message : String(error) },
            'looking at sensors failed',
          )
        }
        await clock.sleep(EVERY_MS, signal).catch(() => undefined) // aborted: the loop ends
      }
    },
  }
}

/** `createSensorWatch(deps).run(signal)`. */
export const runSensorWatch = (deps: SensorWatchDeps, signal: AbortSignal): Promise<void> =>
  createSensorWatch(deps).run(signal)

/** Looks at the sensors that something may have to be done about; what it is, is decided under their locks. */
async function look(tx: Queryable, telling: Telling, now: EpochMs, listening: EpochMs): Promise<number> {
  const ids = await findCandidates(tx, now, listening)
  if (ids.length === 0) return 0
  const configured = await readSensors(tx, ids)
  const records = new Map([
    ...(await lockSensors(tx, [...configured.values()], now)),
    ...(await lock(
      tx,
      ids.filter((id) => !configured.has(id)),
    )),
  ])
  const open = Map.groupBy(await readOpen(tx, ids), ({ sensor }) => sensor)
  const faults: { readonly sensor: string; readonly fault: SensorFault }[] = []
  const changed: SensorRecord[] = []
  for (const [id, known] of records) {
    const events = open.get(id) ?? []
    const configuredNow = configured.get(id)
    if (!configuredNow) {
      for (const told of events) telling.end(told, 'the sensor left the configuration', told.event.lastSeenAt)
      continue
    }
    const { record, limitChanged } = withConfig(known, configuredNow, now)
    if (record !== known) changed.push(record)
    const exceedance = events.find(({ type }) => type === 'exceedance')
    if (exceedance) endExceedance(exceedance, configuredNow, record, limitChanged, telling, now)
    const fault = events.find(({ type }) => type === 'sensor_fault')
    // It ends by what came, not by our having begun to listen again.
    if (fault && !faultOf(configuredNow.sensor, record.life, now, Number.NEGATIVE_INFINITY)) {
      const at = Math.max(record.life.heardAt ?? now, fault.event.startedAt)
      telling.update(fault, {
        ...fault.event,
        lastSeenAt: at,
        endedAt: at,
        endReason: 'the sensor is heard again',
      })
    }
    const begins = fault ? null : faultOf(configuredNow.sensor, record.life, now, listening)
    if (begins) faults.push({ sensor: id, fault: begins })
  }
  const placeOf = await countAt(
    tx,
    faults.map(({ sensor, fault }) => ({ sensor, since: fault.since })),
  )
  for (const { sensor, fault } of faults) {
    const id = eventIdOf(sensor, 'sensor_fault', fault.since, placeOf(sensor, fault.since))
    telling.open('sensor_fault', faultEvent(sensor, id, fault, now))
  }
  await writeSensors(tx, changed)
  return ids.length
}

/**
 * The row of the sensor keeps its spell: if what is missing comes after all, the readings decide whether the exceedance
 * went on (then it goes on under another event) or not.
 */
function endExceedance(
  told: ToldEvent,
  { sensor }: Configured,
  { judged }: SensorRecord,
  limitChanged: boolean,
  telling: Telling,
  now: EpochMs,
): void {
  if (limitChanged) {
    telling.end(told, LIMIT_CHANGED, told.event.lastSeenAt)
    return
  }
  const rule = judged.period === null ? null : limitRule(sensor, judged.period)
  const ended = rule && afterSilence(rule, judged, now).ended
  if (ended) telling.end(told, END_REASONS.silent, ended.lastAt)
}

/** A superset of those that the pure rules act on: a city has thousands of sensors, and most of them are well. */
async function findCandidates(tx: Queryable, now: EpochMs, listening: EpochMs): Promise<readonly string[]> {
  const { rows } = await tx.query<{ sensor: string }>(
    `select sensor from (
       select coalesce(c.id, s.sensor) as sensor, c.id is null as gone, s.sensor is null as unseen,
              c.version is distinct from s.config_version as other_config,
              (c.body ->> 'every')::bigint * interval '3 milliseconds' as patience,
              coalesce(s.heard_at, s.watched_since) as heard, s.heard_at, s.status, s.status_at, s.unusable_since,
              to_timestamp((s.judgement ->> 'lastAt')::float8 / 1000) as last_at,
              case s.judgement ->> 'period' when 'day' then interval '3 days' end as period_patience,
              f.event_id is not null as faulty, x.event_id is not null as exceeding
         from (select id, version, body from config_objects where kind = 'sensor' and removed_at is null) c
         full join sensor_state s on s.sensor = c.id
         left join sensor_episodes f
           on f.sensor = coalesce(c.id, s.sensor) and f.type = 'sensor_fault' and f.ended_at is null
         left join sensor_episodes x
           on x.sensor = coalesce(c.id, s.sensor) and x.type = 'exceedance' and x.ended_at is null) as t
      where (gone and (faulty or exceeding))
         or (not gone and (unseen or other_config
           or (exceeding and last_at < $1::timestamptz - greatest($3 * interval '1 ms', patience, period_patience))
           or faulty <> coalesce(
                coalesce(status = 'offline' and status_at >= coalesce(heard_at, '-infinity')
                     and status_at < $1::timestamptz - $4 * interval '1 ms', false)
             or coalesce(greatest(heard, case when faulty then '-infinity' else $2::timestamptz end)
                     < $1::timestamptz - patience, false)
             or coalesce(unusable_since < $1::timestamptz - greatest($5 * interval '1 ms', patience), false), false)))
      order by sensor limit ${MAX_SENSORS}`,
    [new Date(now), new Date(listening), MIN_HOLD_MS, OFFLINE_AFTER_MS, UNUSABLE_AFTER_MS],
  )
  return rows.map(({ sensor }) => sensor)
}

export type SensorCounts = Readonly<Record<'configured' | 'never' | 'faulty' | 'exceeding', number>>

/** How many sensors are configured, and how many of them are how: for gauges and health. */
export async function countSensors(database: Queryable): Promise<SensorCounts> {
  const { rows } = await database.query<SensorCounts>(
    `select count(*)::int as configured, count(*) filter (where s.heard_at is null)::int as never,
            count(f.event_id)::int as faulty, count(x.event_id)::int as exceeding
       from config_objects c left join sensor_state s on s.sensor = c.id
       left join sensor_episodes f on f.sensor = c.id and f.type = 'sensor_fault' and f.ended_at is null
       left join sensor_episodes x on x.sensor = c.id and x.type = 'exceedance' and x.ended_at is null
      where c.kind = 'sensor' and c.removed_at is null`,
  )
  return rows[0] ?? { configured: 0, never: 0, faulty: 0, exceeding: 0 }
}
