import { deviceOf } from '../../core/config/sensor.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { ReadingsMessage } from '../../core/reading.ts'
import { basisOf } from '../../core/sensors/flags.ts'
import type { StoredReading } from '../../core/sensors/marks.ts'
import { hasWrongClock, isJudged } from '../../core/sensors/series.ts'
import type { EpochMs } from '../../core/units.ts'
import { endOpen, judgeSensors, type SensorNews } from './judge.ts'
import { type MarkedSpan, readMarks, spanKey } from './marks.ts'
import { type DeviceReading, storeReadings } from './readings.ts'
import { type Configured, withConfig, withPackets } from './record.ts'
import { lockSensors, readSensorsOf, writeSensors } from './store.ts'
import type { Telling } from './tell.ts'

export const LIMIT_CHANGED = 'the limit was changed'

export interface BatchResult {
  readonly stored: number
  readonly repeated: number
  readonly remarked: number
  /** Readings that a limit would judge and cannot, and why: a flag, a clock that is wrong, no value. */
  readonly unjudged: Readonly<Record<'flag' | 'clock' | 'value', number>>
}

/**
 * Stores the readings of messages that were not here before and judges them. In this order, so that two batches never wait
 * for each other in a ring: sensors' rows by id, then readings by key.
 */
export async function takeReadings(
  tx: Queryable,
  messages: readonly ReadingsMessage[],
  deps: { readonly telling: Telling; readonly now: EpochMs },
): Promise<BatchResult> {
  const { telling, now } = deps
  const packets = Map.groupBy(
    messages.map(({ data }) => data),
    ({ device }) => device,
  )
  const sensors = (await readSensorsOf(tx, [...packets.keys()])).filter((one) => concerns(one, packets))
  const before = await lockSensors(tx, sensors, now)
  const { fresh, remarked } = await storeReadings(tx, messages)
  const freshOf = Map.groupBy(fresh, spanKey)
  // Another value alone does not count: there is nothing to judge again.
  const remarkedOf = Map.groupBy(
    remarked.filter(({ flag }) => flag !== null),
    spanKey,
  )
  const marksOf = await readMarks(tx, spansOf(freshOf, sensors))

  const news: SensorNews[] = []
  for (const configured of sensors) {
    const { sensor } = configured
    const known = before.get(sensor.id)
    if (!known) throw new Error(`sensor ${sensor.id} has no row after it was locked`)
    const { record, limitChanged } = withConfig(known, configured, now)
    if (limitChanged) await endOpen(tx, sensor.id, LIMIT_CHANGED, telling)
    const key = spanKey(record)
    news.push({
      sensor,
      record: withPackets(record, packets.get(record.device) ?? []),
      readings: freshOf.get(key) ?? [],
      marks: marksOf.get(key) ?? [],
      remarked: (remarkedOf.get(key) ?? []).map(({ at, period }) => ({ from: at, to: at, period })),
    })
  }
  await writeSensors(tx, await judgeSensors(tx, news, telling))
  const all = messages.reduce((sum, { data }) => sum + data.readings.length, 0)
  return {
    stored: fresh.length,
    repeated: all - fresh.length,
    remarked: remarked.length,
    unjudged: countUnjudged(news.flatMap(({ readings }) => readings)),
  }
}

/** Whether a packet says anything of this sensor: a reading of its factor, or how its device is. */
function concerns(
  { sensor }: Configured,
  packets: ReadonlyMap<string, readonly ReadingsMessage['data'][]>,
): boolean {
  return (packets.get(deviceOf(sensor)) ?? []).some(
    ({ status, readings }) => status !== null || readings.some(({ factor }) => factor === sensor.factor),
  )
}

function countUnjudged(readings: readonly StoredReading[]): BatchResult['unjudged'] {
  const unjudged = { flag: 0, clock: 0, value: 0 }
  for (const reading of readings.filter(isJudged)) {
    if (hasWrongClock(reading)) unjudged.clock += 1
    else if (basisOf(reading.flag) === 'none') unjudged.flag += 1
    else if (reading.value === null) unjudged.value += 1
  }
  return unjudged
}

/** The time of the fresh readings of each configured sensor. */
function spansOf(
  freshOf: ReadonlyMap<string, readonly DeviceReading[]>,
  sensors: readonly Configured[],
): readonly MarkedSpan[] {
  return sensors.flatMap(({ sensor }) => {
    const device = deviceOf(sensor)
    const { factor } = sensor
    const times = freshOf.get(spanKey({ device, factor }))?.map(({ at }) => at) ?? []
    return times.length === 0 ? [] : [{ device, factor, from: Math.min(...times), to: Math.max(...times) }]
  })
}
