import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { MessageReceiver, RefusedMessage } from '../../core/ports/messages.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { ReadingsMessage } from '../../core/reading.ts'
import { buryMessages, type DeadLetter } from '../inbox/dead-letters.ts'
import type { Inbox } from '../inbox/inbox.ts'
import { settle } from '../inbox/settle.ts'
import { type BatchResult, takeReadings } from './batch.ts'
import { parseReadings, type ReadingsItem } from './parse.ts'
import { createTelling } from './tell.ts'

const TOPIC = 'sensor.readings.v1'
/** A statement takes about so many readings; a packet has at most 500. */
const MAX_READINGS = 1_000
const MAX_MESSAGES = 1_000

interface Refused {
  readonly item: ReadingsItem
  readonly error: string
}

/**
 * The one way from readings to the database and to the alerts of their limits, in any order, any number of times. One
 * transaction a batch has {inbox, readings, marks, sensors, events, alerts, changes}. Any number may work on one database.
 */
export function createReadingsInbox(deps: {
  readonly database: Database
  readonly inbox: Pick<Inbox, 'applyIn'>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}): MessageReceiver {
  const { database, inbox, clock, log, metrics } = deps

  /** Either everything that the batch means is there afterwards, or nothing. */
  async function commit(batch: readonly ReadingsItem[]): Promise<readonly Refused[]> {
    const startedAt = clock.now()
    const { result, taken, report } = await database.transaction(async (tx) => {
      const fresh = await takeMessages(batch)
      const telling = createTelling(startedAt, metrics)
      const result = await takeReadings(tx, fresh, { telling, now: startedAt })
      return { result, taken: fresh.length, report: await telling.write(tx, inbox) }

      /** Messages that were not here before, once each. */
      async function takeMessages(items: readonly ReadingsItem[]): Promise<readonly ReadingsMessage[]> {
        // Of two under one key the first counts, as it does when they come in two batches.
        const byKey = new Map(items.map(({ message }) => [keyOf(message), message] as const).reverse())
        const messages = [...byKey.values()]
        const { rows } = await tx.query<{ source: string; id: string }>(
          `insert into inbox (source, id, outcome)
           select source, id, 'applied' from unnest($1::text[], $2::text[]) as r (source, id) order by source, id
           on conflict (source, id) do nothing returning source, id`,
          [messages.map(({ source }) => source), messages.map(({ id }) => id)],
        )
        const isNew = new Set(rows.map(keyOf))
        return messages.filter((message) => isNew.has(keyOf(message)))
      }
    })
    report()
    count(result, batch.length, taken)
    metrics.observe('readings_batch_seconds', {}, (clock.now() - startedAt) / 1000)
    return []
  }

  function count(result: BatchResult, received: number, taken: number): void {
    const { stored, repeated, remarked, unjudged } = result
    metrics.count('readings_messages_total', { outcome: 'applied' }, taken)
    metrics.count('readings_messages_total', { outcome: 'duplicate' }, received - taken)
    metrics.count('readings_total', { outcome: 'stored' }, stored)
    metrics.count('readings_total', { outcome: 'repeated' }, repeated)
    if (remarked > 0) metrics.count('reading_marks_total', { by: 'device' }, remarked)
    for (const [why, readings] of Object.entries(unjudged))
      if (readings > 0) metrics.count('readings_unjudged_total', { why }, readings)
  }

  function buried({ error }: DeadLetter): void {
    metrics.count('dead_letters_total', { topic: TOPIC })
    log.error({ topic: TOPIC, error }, 'a message cannot be applied and is in dead_letters')
  }

  async function refuse(item: ReadingsItem, error: string): Promise<Refused> {
    const letter = { raw: item.raw, error }
    await buryMessages(database, TOPIC, [letter])
    buried(letter)
    return { item, error }
  }
  const settling = { commit, refuse, clock, onRetry: () => metrics.count('readings_retries_total') }

  return {
    async receive(messages) {
      const parsed = messages.map(parseReadings)
      const bad = parsed.flatMap((one, index) => (one.kind === 'bad' ? [{ ...one, index }] : []))
      await buryMessages(database, TOPIC, bad)
      for (const letter of bad) buried(letter)
      const refused: RefusedMessage[] = bad.map(({ index, error }) => ({ index, error }))
      const places = new Map<ReadingsItem, number>()
      parsed.forEach((one, index) => {
        if (one.kind === 'message') places.set(one.item, index)
      })
      for (const batch of batches([...places.keys()])) {
        for (const { item, error } of await settle(batch, settling))
          refused.push({ index: places.get(item) ?? -1, error })
      }
      return refused
    },
  }
}

const keyOf = ({ source, id }: { readonly source: string; readonly id: string }): string => `${source} ${id}`

function* batches(items: readonly ReadingsItem[]): Generator<readonly ReadingsItem[]> {
  let batch: ReadingsItem[] = []
  let readings = 0
  for (const item of items) {
    const more = item.message.data.readings.length
    if (batch.length > 0 && (readings + more > MAX_READINGS || batch.length === MAX_MESSAGES)) {
      yield batch
      batch = []
      readings = 0
    }
    batch.push(item)
    readings += more
  }
  if (batch.length > 0) yield batch
}
