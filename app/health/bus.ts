import type { BusConsumer } from '../../adapters/kafka/consumer.ts'
import type { KafkaProducer } from '../../adapters/kafka/producer.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import { TOPICS } from '../../core/topics.ts'
import { atMostEvery, down, type HealthSource, poor, source, well } from './part.ts'

const PROBE_EVERY_MS = 15_000
const BEHIND_S = 60

/** Whether the brokers answer and every topic has leaders. */
export const kafkaHealth = (producer: Pick<KafkaProducer, 'probe'>, clock: Clock): HealthSource =>
  atMostEvery(
    PROBE_EVERY_MS,
    source('kafka', async () => {
      try {
        await producer.probe(Object.keys(TOPICS))
        return [well('kafka', 'every topic has its leaders')]
      } catch (error) {
        return [down('kafka', 'away', (error as Error).message)]
      }
    }),
    clock,
  )

/** Null: no bus is configured. */
export const consumerHealth = (consumer: BusConsumer | null): HealthSource =>
  source('consumer', () => {
    if (!consumer) return []
    const lag = consumer.lagSeconds()
    const behind = lag === null ? 'how far it is behind is not known' : `${Math.round(lag)} s behind`
    return consumer.state().map(({ topic, state, error, partitions, restarts }) => {
      const facts = { topic, partitions, restarts, ...(lag !== null && { seconds: Math.round(lag) }) }
      const detail = `${topic}: ${state}, ${partitions} partitions, ${restarts} restarts, ${behind}${error === null ? '' : `: ${error}`}`
      if (state !== 'reading') return poor('consumer', state, detail, facts)
      return lag !== null && lag > BEHIND_S
        ? poor('consumer', 'behind', detail, facts)
        : well('consumer', detail, facts)
    })
  })

/** How far the change log is on the bus. */
export const publisherHealth = (db: Database): HealthSource =>
  source('change publisher', async () => {
    const { rows } = await db.query<{ waiting: string; seconds: number | null }>(
      `select (h.pos - p.pos)::text as waiting,
              (select extract(epoch from now() - c.at) from changes c
                where c.pos > p.pos order by c.pos limit 1)::float8 as seconds
         from change_head h, change_publisher p`,
    )
    const waiting = Number(rows[0]?.waiting ?? 0)
    const seconds = Math.max(0, Math.round(rows[0]?.seconds ?? 0))
    const detail = `${waiting} changes wait, the oldest for ${seconds} s`
    const facts = { waiting, seconds }
    return [
      seconds > BEHIND_S
        ? poor('change publisher', 'behind', detail, facts)
        : well('change publisher', detail, facts),
    ]
  })
