import { createHash } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { CATALOGUE } from '../../core/catalogue.ts'
import type { SensorConfig } from '../../core/config/sensor.ts'
import type { HazardEvent } from '../../core/event.ts'
import type { SensorFault } from '../../core/sensors/fault.ts'
import type { Episode } from '../../core/sensors/limit.ts'
import type { EpochMs } from '../../core/units.ts'

export type SensorEventType = 'exceedance' | 'sensor_fault'

/**
 * Id of the event of one episode, a UUIDv7 of its beginning: whoever works the same episode out again gives it the same id.
 *
 * @param place how many events began at that moment before
 */
export function eventIdOf(sensor: string, type: SensorEventType, since: EpochMs, place: number): string {
  const random = createHash('sha256')
    .update(JSON.stringify([sensor, type, since, place]))
    .digest()
  return uuidv7({ msecs: Math.max(0, since), random, seq: random.readUInt32BE(16) })
}

const common = {
  zone: null,
  // A limit is exceeded or not: nothing here is a guess.
  score: 1,
  peakScore: 1,
  box: null,
  detections: [],
  model: null,
  still: null,
}

/** The whole state of an exceedance. `value`, `peak` and the thresholds are in the sensor's unit. */
export function exceedanceEvent(
  sensor: SensorConfig,
  limitVersion: string,
  id: string,
  episode: Episode,
): HazardEvent {
  const { above, below, clear, for: forMs = 0 } = sensor.limit ?? {}
  return {
    ...common,
    id,
    source: { kind: 'sensor', id: sensor.id },
    type: 'exceedance',
    rule: { id: 'limit', version: limitVersion },
    severity: sensor.severity ?? CATALOGUE.exceedance.severity,
    since: episode.since,
    startedAt: episode.startedAt,
    lastSeenAt: episode.lastAt,
    endedAt: episode.endedAt,
    endReason: episode.endReason,
    clock: { kind: 'device', errorMs: episode.errorMs },
    measured: {
      value: episode.lastValue,
      peak: episode.peak,
      lastedMs: episode.lastAt - episode.since,
    },
    thresholds: {
      ...(above === undefined ? {} : { above }),
      ...(below === undefined ? {} : { below }),
      ...(clear === undefined ? {} : { clear }),
      forMs,
    },
  }
}

export function faultEvent(sensor: string, id: string, fault: SensorFault, now: EpochMs): HazardEvent {
  const quantity = `${fault.cause}Ms`
  return {
    ...common,
    id,
    source: { kind: 'sensor', id: sensor },
    type: 'sensor_fault',
    rule: { id: 'fault', version: '1' },
    severity: CATALOGUE.sensor_fault.severity,
    since: fault.since,
    startedAt: now,
    lastSeenAt: now,
    endedAt: null,
    endReason: null,
    clock: { kind: 'arrival', errorMs: 0 },
    measured: { [quantity]: now - fault.since },
    thresholds: { [quantity]: fault.afterMs },
  }
}
