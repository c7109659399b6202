import type { BusProducer, BusRecord } from '../../core/ports/messages.ts'

export interface BusMessage {
  readonly topic: string
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly id: string
  readonly message: Readonly<Record<string, unknown>> & { readonly data: Readonly<Record<string, unknown>> }
}

/** The bus at our own port: an append-only log that tests can make refuse, hang or fail after it has stored. */
export function fakeBus(): BusProducer & {
  readonly log: BusMessage[]
  /** Called before (`stored` false) and after a call's records are in the log; what it throws is the call's failure. */
  on: (stored: boolean) => void | Promise<void>
  /** The log as a reader sees it that knows messages by source and id. */
  firstCopies(): BusMessage[]
} {
  const log: BusMessage[] = []
  return {
    log,
    on: () => undefined,
    async produce(topic, records) {
      await this.on(false)
      log.push(...records.map((record) => read(topic, record)))
      await this.on(true)
    },
    firstCopies() {
      const seen = new Map<string, BusMessage>()
      for (const entry of log) {
        const key = `${entry.topic} ${entry.message.source} ${entry.id}`
        if (!seen.has(key)) seen.set(key, entry)
      }
      return [...seen.values()]
    },
  }
}

function read(topic: string, { key, value, headers = {} }: BusRecord): BusMessage {
  const message = JSON.parse(Buffer.from(value).toString('utf8')) as BusMessage['message']
  return { topic, key, headers, id: String(message.id), message }
}
