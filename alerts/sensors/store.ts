import type { SensorConfig } from '../../core/config/sensor.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { StoredReading } from '../../core/sensors/marks.ts'
import type { EpochMs } from '../../core/units.ts'
import { type Configured, type Judged, newRecord, type SensorRecord } from './record.ts'

/** Sensors of these devices as configured now, by their id. */
export async function readSensorsOf(
  tx: Queryable,
  devices: readonly string[],
): Promise<readonly Configured[]> {
  const { rows } = await tx.query<{ body: SensorConfig; version: number }>(
    `select body, version from config_objects
      where kind = 'sensor' and removed_at is null and coalesce(body ->> 'mn', id) = any($1::text[]) order by id`,
    [devices],
  )
  return rows.map(({ body, version }) => ({ sensor: body, version }))
}

/** Those of `ids` that are configured now. */
export async function readSensors(
  tx: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Configured>> {
  const { rows } = await tx.query<{ id: string; body: SensorConfig; version: number }>(
    `select id, body, version from config_objects
      where kind = 'sensor' and id = any($1::text[]) and removed_at is null`,
    [ids],
  )
  return new Map(rows.map(({ id, body, version }) => [id, { sensor: body, version }]))
}

interface StateRow {
  readonly sensor: string
  readonly device: string
  readonly factor: string
  readonly config_version: number
  readonly watched_since: Date
  readonly heard_at: Date | null
  readonly status: 'online' | 'offline' | null
  readonly status_at: Date | null
  readonly unusable_since: Date | null
  readonly last: StoredReading | null
  readonly judgement: Judged
}

/**
 * Locks what is known of these sensors, in order of their ids, until the transaction ends; sensors that were never seen get
 * their row. Statements after it see everything that was committed about them.
 */
export async function lockSensors(
  tx: Queryable,
  sensors: readonly Configured[],
  now: EpochMs,
): Promise<ReadonlyMap<string, SensorRecord>> {
  const ids = sensors.map(({ sensor }) => sensor.id).sort()
  const known = await lock(tx, ids)
  const missing = sensors.filter(({ sensor }) => !known.has(sensor.id))
  if (missing.length === 0) return known
  await tx.query(
    `insert into sensor_state (sensor, device, factor, config_version, watched_since, judgement)
     select sensor, device, factor, config_version, watched_since, judgement
       from jsonb_to_recordset($1::jsonb) as r (${STATE_TYPES}) order by sensor
     on conflict (sensor) do nothing`,
    [JSON.stringify(missing.map((one) => toRow(newRecord(one, now))))],
  )
  return lock(tx, ids)
}

/** Also of a sensor that left the configuration. */
export async function lock(tx: Queryable, ids: readonly string[]): Promise<Map<string, SensorRecord>> {
  const { rows } = await tx.query<StateRow>(
    'select * from sensor_state where sensor = any($1::text[]) order by sensor for update',
    [ids],
  )
  return new Map(rows.map((row) => [row.sensor, toRecord(row)]))
}

export async function writeSensors(tx: Queryable, records: readonly SensorRecord[]): Promise<void> {
  if (records.length === 0) return
  await tx.query(
    `update sensor_state s set device = r.device, factor = r.factor, config_version = r.config_version,
            watched_since = r.watched_since, heard_at = r.heard_at, status = r.status, status_at = r.status_at,
            unusable_since = r.unusable_since, last = r.last, judgement = r.judgement
       from jsonb_to_recordset($1::jsonb) as r (${STATE_TYPES}) where s.sensor = r.sensor`,
    [JSON.stringify(records.map(toRow))],
  )
}

const STATE_TYPES = `sensor text, device text, factor text, config_version integer, watched_since timestamptz,
  heard_at timestamptz, status text, status_at timestamptz, unusable_since timestamptz, last jsonb, judgement jsonb`

const iso = (at: EpochMs | null): string | null => (at === null ? null : new Date(at).toISOString())

function toRow({ sensor, device, factor, configVersion, life, last, judged }: SensorRecord): object {
  return {
    sensor,
    device,
    factor,
    config_version: configVersion,
    watched_since: iso(life.watchedSince),
    heard_at: iso(life.heardAt),
    status: life.status?.word ?? null,
    status_at: iso(life.status?.at ?? null),
    unusable_since: iso(life.unusableSince),
    last,
    judgement: judged,
  }
}

export const toRecord = (row: StateRow): SensorRecord => ({
  sensor: row.sensor,
  device: row.device,
  factor: row.factor,
  configVersion: row.config_version,
  life: {
    watchedSince: row.watched_since.getTime(),
    heardAt: row.heard_at?.getTime() ?? null,
    status: row.status && row.status_at ? { word: row.status, at: row.status_at.getTime() } : null,
    unusableSince: row.unusable_since?.getTime() ?? null,
  },
  last: row.last,
  judged: row.judgement,
})
