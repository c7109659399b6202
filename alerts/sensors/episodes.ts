import type { HazardEvent } from '../../core/event.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { ToldEpisode } from '../../core/sensors/reconcile.ts'
import type { EpochMs } from '../../core/units.ts'
import type { SensorEventType } from './events.ts'

/** An event of a sensor as it was told. */
export interface ToldEvent extends ToldEpisode {
  readonly sensor: string
  readonly type: SensorEventType
  /** Of the last message about it. */
  readonly seq: number
  readonly void: 'withdrawn' | 'replaced' | null
  readonly event: HazardEvent
}

interface EpisodeRow {
  readonly event_id: string
  readonly sensor: string
  readonly type: SensorEventType
  readonly since: Date
  readonly ended_at: Date | null
  readonly seq: number
  readonly void: 'withdrawn' | 'replaced' | null
  readonly state: HazardEvent
}

/** Standing exceedances that began after a time, for each sensor; null: all. */
export async function readStanding(
  tx: Queryable,
  spans: readonly { readonly sensor: string; readonly after: EpochMs | null }[],
): Promise<ReadonlyMap<string, readonly ToldEvent[]>> {
  if (spans.length === 0) return new Map()
  const { rows } = await tx.query<EpisodeRow>(
    `select e.* from unnest($1::text[], $2::timestamptz[]) as s (sensor, low)
       join sensor_episodes e on e.sensor = s.sensor and e.since > coalesce(s.low, '-infinity')
      where e.type = 'exceedance' and e.void is null`,
    [
      spans.map(({ sensor }) => sensor),
      spans.map(({ after }) => (after === null ? null : new Date(after).toISOString())),
    ],
  )
  return Map.groupBy(rows.map(toTold), ({ sensor }) => sensor)
}

/** What is open of these sensors. */
export async function readOpen(tx: Queryable, sensors: readonly string[]): Promise<readonly ToldEvent[]> {
  if (sensors.length === 0) return []
  const { rows } = await tx.query<EpisodeRow>(
    'select * from sensor_episodes where sensor = any($1::text[]) and ended_at is null order by sensor, type',
    [sensors],
  )
  return rows.map(toTold)
}

/** How many events of a sensor began at a moment: the place of the next one. */
export async function countAt(
  tx: Queryable,
  moments: readonly { readonly sensor: string; readonly since: EpochMs }[],
): Promise<(sensor: string, since: EpochMs) => number> {
  if (moments.length === 0) return () => 0
  const { rows } = await tx.query<{ sensor: string; since: Date; n: number }>(
    `select sensor, since, count(*)::int as n from sensor_episodes
      where (sensor, since) in (select * from unnest($1::text[], $2::timestamptz[])) group by sensor, since`,
    [moments.map(({ sensor }) => sensor), moments.map(({ since }) => new Date(since).toISOString())],
  )
  const known = new Map(rows.map((row) => [`${row.sensor}\n${row.since.getTime()}`, row.n]))
  return (sensor, since) => known.get(`${sensor}\n${since}`) ?? 0
}

/** What is over makes room before what opens: one open event a sensor and type. */
export async function writeEpisodes(
  tx: Queryable,
  changed: readonly ToldEvent[],
  opened: readonly ToldEvent[],
): Promise<void> {
  if (changed.length > 0)
    await tx.query(
      `update sensor_episodes e set since = r.since, ended_at = r.ended_at, seq = r.seq, void = r.void, state = r.state,
              updated_at = now()
         from jsonb_to_recordset($1::jsonb) as r (${TYPES}) where e.event_id = r.event_id`,
      [JSON.stringify(changed.map(toRow))],
    )
  if (opened.length > 0)
    await tx.query(
      `insert into sensor_episodes (event_id, sensor, type, since, ended_at, seq, void, state)
       select event_id, sensor, type, since, ended_at, seq, void, state
         from jsonb_to_recordset($1::jsonb) as r (${TYPES})`,
      [JSON.stringify(opened.map(toRow))],
    )
}

const TYPES = `event_id uuid, sensor text, type text, since timestamptz, ended_at timestamptz, seq integer, void text,
  state jsonb`

const toRow = (told: ToldEvent): object => ({
  event_id: told.eventId,
  sensor: told.sensor,
  type: told.type,
  since: new Date(told.since).toISOString(),
  ended_at: told.endedAt === null ? null : new Date(told.endedAt).toISOString(),
  seq: told.seq,
  void: told.void,
  state: told.event,
})

const toTold = (row: EpisodeRow): ToldEvent => ({
  eventId: row.event_id,
  sensor: row.sensor,
  type: row.type,
  since: row.since.getTime(),
  endedAt: row.ended_at?.getTime() ?? null,
  seq: row.seq,
  void: row.void,
  event: row.state,
})
