import { createKafkaClient } from '../../adapters/kafka/client.ts'
import type { KafkaSettings } from '../../adapters/kafka/settings.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log } from '../../core/ports/telemetry.ts'

/**
 * The least that reads a topic into PostgreSQL without losing anything: one statement a batch, then the offset. As many
 * partitions side by side as ours.
 */
export async function readBare(
  { settings, database, log }: { settings: KafkaSettings; database: Database; log: Log },
  count: (messages: number, startedAt: number) => void,
  until: () => Promise<void>,
): Promise<void> {
  await database.query(
    'create table if not exists bench_bare (source text, id text, state jsonb not null, primary key (source, id))',
  )
  const client = createKafkaClient(settings, { clientId: 'bench-bare', log, requestTimeoutMs: 30_000 })
  const consumer = client.consumer({ groupId: 'bench-bare', maxWaitTimeInMs: 200, maxBytes: 8 << 20 })
  await consumer.connect()
  await consumer.subscribe({ topics: ['hazard.events.v1'], fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 4,
    async eachBatch({ batch, resolveOffset, commitOffsetsIfNecessary, uncommittedOffsets }) {
      const startedAt = performance.now()
      const rows = batch.messages.map(
        ({ value }) => JSON.parse(String(value)) as { source: string; id: string },
      )
      await database.query(
        `insert into bench_bare (source, id, state) select r ->> 'source', r ->> 'id', r -> 'data'
           from jsonb_array_elements($1::jsonb) as r on conflict do nothing`,
        [JSON.stringify(rows)],
      )
      resolveOffset(batch.lastOffset())
      await commitOffsetsIfNecessary(uncommittedOffsets())
      count(batch.messages.length, startedAt)
    },
  })
  try {
    await until()
  } finally {
    await consumer.disconnect()
  }
}
