import type { Queryable } from '../../core/ports/database.ts'
import type { Reading, ReadingsMessage } from '../../core/reading.ts'
import type { EpochMs } from '../../core/units.ts'

/** A reading of a device as it came in a packet. */
export interface DeviceReading extends Reading {
  readonly device: string
  readonly receivedAt: EpochMs
  readonly messageId: string
}

export interface StoredBatch {
  /** Readings that were not there before. */
  readonly fresh: readonly DeviceReading[]
  /** Readings that the device sends again otherwise: a mark was written for each. */
  readonly remarked: readonly DeviceReading[]
}

export const deviceReadings = (messages: readonly ReadingsMessage[]): readonly DeviceReading[] =>
  messages.flatMap(({ id, data }) =>
    data.readings.map((reading) => ({
      ...reading,
      device: data.device,
      receivedAt: data.receivedAt,
      messageId: id,
    })),
  )

const keyOf = ({
  device,
  factor,
  period,
  statistic,
  at,
}: Omit<DeviceReading, 'value' | 'flag' | 'receivedAt' | 'messageId'>) =>
  JSON.stringify([device, factor, period, statistic, at])

/**
 * Writes readings, each once: what the device sent first stays as it is. What it says otherwise later, with another flag or
 * another value, becomes a mark of the device's. Rows go in by key, so that two batches never wait for each other in a ring.
 */
export async function storeReadings(
  tx: Queryable,
  messages: readonly ReadingsMessage[],
): Promise<StoredBatch> {
  const all = deviceReadings(messages).toSorted((a, b) => a.receivedAt - b.receivedAt)
  const first = new Map<string, DeviceReading>()
  const again: DeviceReading[] = []
  for (const reading of all) {
    const key = keyOf(reading)
    if (first.has(key)) again.push(reading)
    else first.set(key, reading)
  }
  if (first.size === 0) return { fresh: [], remarked: [] }
  const wanted = [...first.values()]
  const isNew = await insert(tx, wanted)
  const fresh = wanted.filter((reading) => isNew.has(keyOf(reading)))
  const repeated = [...wanted.filter((reading) => !isNew.has(keyOf(reading))), ...again]
  return { fresh, remarked: await remark(tx, repeated) }
}

/** Keys of the rows that were not there. */
async function insert(tx: Queryable, readings: readonly DeviceReading[]): Promise<ReadonlySet<string>> {
  const column = <T>(value: (reading: DeviceReading) => T) => readings.map(value)
  const { rows } = await tx.query<Key>(
    `insert into readings (at, received_at, device, factor, period, statistic, value, flag, message_id)
     select * from unnest($1::timestamptz[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[],
                          $7::float8[], $8::text[], $9::text[])
            as r (at, received_at, device, factor, period, statistic, value, flag, message_id)
      order by device, factor, period, statistic, at
     on conflict do nothing
     returning device, factor, period, statistic, at`,
    [
      column(({ at }) => new Date(at).toISOString()),
      column(({ receivedAt }) => new Date(receivedAt).toISOString()),
      ...(['device', 'factor', 'period', 'statistic', 'value', 'flag', 'messageId'] as const).map((name) =>
        column((reading) => reading[name]),
      ),
    ],
  )
  // The common case: nothing to compare.
  if (rows.length === readings.length) return new Set(readings.map(keyOf))
  return new Set(rows.map((row) => keyOf({ ...row, at: row.at.getTime() })))
}

interface Key extends Pick<DeviceReading, 'device' | 'factor' | 'period' | 'statistic'> {
  readonly at: Date
}

/**
 * Marks of readings that were sent again and say something else than the row does, or than an earlier mark of the device
 * does. Returns those that were marked.
 */
async function remark(tx: Queryable, readings: readonly DeviceReading[]): Promise<readonly DeviceReading[]> {
  if (readings.length === 0) return []
  const { rows } = await tx.query<{ place: number }>(
    `with again as (
       select * from jsonb_to_recordset($1::jsonb) as r (place integer, at timestamptz, received_at timestamptz, device text,
         factor text, period text, statistic text, value float8, flag text, message_id text))
     , differing as (
       select a.*, a.value is distinct from r.value as other_value
         from again a join readings r using (device, factor, period, statistic, at)
        where a.value is distinct from r.value or (a.flag is not null and (a.flag is distinct from r.flag or exists (
                select from reading_marks m where m.device = a.device and m.factor = a.factor and m.actor_kind = 'device'
                   and m.from_at = a.at and m.period = a.period and m.statistic = a.statistic))))
     , marked as (
       insert into reading_marks (device, factor, period, statistic, from_at, to_at, flag, value, reason, actor_kind, actor,
                                  made_at, message_id)
       select device, factor, period, statistic, at, at, flag, case when other_value then value end,
              case when other_value then 'sent again with another value' else 'sent again with another flag' end,
              'device', device, received_at, message_id
         from differing order by place)
     select place from differing`,
    [
      JSON.stringify(
        readings.map(({ messageId, receivedAt, ...reading }, place) => ({
          ...reading,
          place,
          at: new Date(reading.at).toISOString(),
          received_at: new Date(receivedAt).toISOString(),
          message_id: messageId,
        })),
      ),
    ],
  )
  return rows.flatMap(({ place }) => readings[place] ?? [])
}
