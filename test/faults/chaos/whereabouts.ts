import { randomUUID } from 'node:crypto'
import { createKafkaClient } from '../../../adapters/kafka/client.ts'
import type { Queryable } from '../../../core/ports/database.ts'
import { silentLog } from '../../support/log.ts'
import type { AnsweredLine } from './ledger.ts'

const TOPIC = 'sensor.readings.v1'
const PATIENCE_MS = 60_000

/** How far readings came that are not in the database: what the next person who looks for the fault has to know first. */
export async function whereabouts(
  database: Queryable,
  brokers: string,
  lines: readonly AnsweredLine[],
): Promise<readonly string[]> {
  const onBus = await recordsOf(brokers, lines)
  const all: string[] = []
  for (const line of lines) {
    const { rows } = await database.query<{ n: number }>(
      "select count(*)::int as n from dead_letters where position(convert_to($1, 'UTF8') in bytes) > 0 and topic = $2",
      [`${line.at}`, TOPIC],
    )
    const records = onBus.get(keyOf(line)) ?? []
    const taken: string[] = []
    for (const { id, place } of records) {
      const { rows: known } = await database.query('select 1 from inbox where source = $1 and id = $2', [
        `/devices/${encodeURIComponent(line.device)}`,
        id,
      ])
      taken.push(`${place} ${known.length > 0 ? 'in the inbox' : 'not in the inbox'}`)
    }
    all.push(`${keyOf(line)}: on the bus: ${taken.join(', ') || 'no'}; dead letters: ${rows[0]?.n ?? 0}`)
  }
  return all
}

const keyOf = ({ device, at }: AnsweredLine) => `${device} ${at}`

async function recordsOf(brokers: string, lines: readonly AnsweredLine[]) {
  const wanted = new Set(lines.map(keyOf))
  const found = new Map<string, { id: string; place: string }[]>()
  const kafka = createKafkaClient(
    { brokers: [brokers], tls: false, sasl: null, replication: 1 },
    { clientId: 'chaos-whereabouts', log: silentLog, requestTimeoutMs: 10_000 },
  )
  const admin = kafka.admin()
  await admin.connect()
  let left = 0
  for (const { high, low } of await admin.fetchTopicOffsets(TOPIC)) left += Number(high) - Number(low)
  await admin.disconnect()
  if (left === 0) return found
  const consumer = kafka.consumer({ groupId: `chaos-${randomUUID()}`, maxWaitTimeInMs: 200 })
  const all = Promise.withResolvers<void>()
  await consumer.connect()
  await consumer.subscribe({ topics: [TOPIC], fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      const { id, data } = JSON.parse(message.value?.toString('utf8') ?? '{}')
      for (const { at } of data?.readings ?? []) {
        const key = keyOf({ device: data.device, at })
        if (wanted.has(key))
          found.set(key, [...(found.get(key) ?? []), { id, place: `${partition}/${message.offset}` }])
      }
      left -= 1
      if (left === 0) all.resolve()
    },
  })
  const late = setTimeout(() => all.resolve(), PATIENCE_MS) // says what it has read
  await all.promise
  clearTimeout(late)
  await consumer.disconnect()
  return found
}
