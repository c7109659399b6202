import { createHash } from 'node:crypto'
import { deviceOf, type SensorConfig } from '../../core/config/sensor.ts'
import type { ReadingsMessage } from '../../core/reading.ts'
import { isUnusable, type SensorLife } from '../../core/sensors/fault.ts'
import { type LimitState, NOTHING_YET } from '../../core/sensors/limit.ts'
import type { StoredReading } from '../../core/sensors/marks.ts'
import { hasWrongClock, isJudged, type SeriesChoice } from '../../core/sensors/series.ts'
import type { EpochMs } from '../../core/units.ts'

/** Where the limit of a sensor stands. Times are reading times. */
export interface Judged extends SeriesChoice, LimitState {
  /** Of what decides the judgement; null: there is no limit. */
  readonly limitVersion: string | null
  /** Readings up to it were judged by another limit or series, and stay so; null: all are ours. */
  readonly judgedFrom: EpochMs | null
}

/** What is known of one configured sensor: a row of `sensor_state`. */
export interface SensorRecord {
  readonly sensor: string
  readonly device: string
  readonly factor: string
  readonly configVersion: number
  readonly life: SensorLife
  readonly last: StoredReading | null
  readonly judged: Judged
}

/** A sensor as it is configured now. */
export interface Configured {
  readonly sensor: SensorConfig
  readonly version: number
}

export function newRecord({ sensor, version }: Configured, now: EpochMs): SensorRecord {
  return {
    sensor: sensor.id,
    device: deviceOf(sensor),
    factor: sensor.factor,
    configVersion: version,
    life: { watchedSince: now, heardAt: null, status: null, unusableSince: null },
    last: null,
    judged: {
      ...NOTHING_YET,
      period: null,
      rival: null,
      limitVersion: limitVersion(sensor),
      judgedFrom: null,
    },
  }
}

/** Changes with everything that the judgement depends on, and with nothing else. */
export function limitVersion(sensor: SensorConfig): string | null {
  const { limit, factor, scale, every } = sensor
  if (!limit) return null
  const facts = [deviceOf(sensor), factor, scale, every ?? null, limit.above ?? null, limit.below ?? null]
  return createHash('sha256')
    .update(JSON.stringify([...facts, limit.for, limit.clear ?? null]))
    .digest('hex')
    .slice(0, 12)
}

/**
 * Takes the configuration of now into account. `limitChanged`: what is open belongs to a limit that is no more. A limit
 * judges readings from then on; another device or factor is another sensor under the old name.
 */
export function withConfig(
  record: SensorRecord,
  configured: Configured,
  now: EpochMs,
): { readonly record: SensorRecord; readonly limitChanged: boolean } {
  const { sensor, version } = configured
  if (record.configVersion === version) return { record, limitChanged: false }
  if (record.device !== deviceOf(sensor) || record.factor !== sensor.factor) {
    const other = newRecord(configured, now)
    const judged = { ...other.judged, judgedFrom: latestAt(record) }
    return { record: { ...other, judged }, limitChanged: true }
  }
  const limit = limitVersion(sensor)
  const same = record.judged.limitVersion === limit
  const { period, rival } = record.judged
  const judged = same
    ? record.judged
    : { ...NOTHING_YET, period, rival, limitVersion: limit, judgedFrom: latestAt(record) }
  return { record: { ...record, configVersion: version, judged }, limitChanged: !same }
}

export function latestAt({ judged, last }: SensorRecord): EpochMs | null {
  const times = [judged.lastAt, judged.judgedFrom, last?.at ?? null].filter((at) => at !== null)
  return times.length === 0 ? null : Math.max(...times)
}

type Packet = Pick<ReadingsMessage['data'], 'readings' | 'status' | 'receivedAt'>

/** Life signs and latest value out of a device's packets, which may be older than what is known. */
export function withPackets(record: SensorRecord, packets: readonly Packet[]): SensorRecord {
  let { life, last } = record
  for (const { readings, status, receivedAt } of packets.toSorted((a, b) => a.receivedAt - b.receivedAt)) {
    if (status !== null && receivedAt >= (life.status?.at ?? Number.NEGATIVE_INFINITY))
      life = { ...life, status: { word: status, at: receivedAt } }
    const own = readings
      .filter(({ factor }) => factor === record.factor)
      .map(({ factor: _, ...reading }): StoredReading => ({ ...reading, receivedAt }))
    if (own.length === 0) continue
    if (receivedAt >= (life.heardAt ?? Number.NEGATIVE_INFINITY)) {
      const unusableSince = own.every(isUnusable) ? (life.unusableSince ?? receivedAt) : null
      life = { ...life, heardAt: receivedAt, unusableSince }
    }
    for (const reading of own) {
      if (
        isJudged(reading) &&
        !hasWrongClock(reading) &&
        reading.at >= (last?.at ?? Number.NEGATIVE_INFINITY)
      )
        last = reading
    }
  }
  return { ...record, life, last }
}
