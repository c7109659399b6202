/** What a record may have in key, value and headers. Kafka's own limit is 1,048,588 for a whole batch as it is stored. */
export const MAX_MESSAGE_BYTES = 1_000_000
/** A dead letter has the original, also one that another program sent at Kafka's limit, and why it is dead. */
export const MAX_DEAD_LETTER_BYTES = 2_000_000

/** A record as kafkajs takes it: key and headers may be anything that somebody else sent. */
export interface RawRecord {
  readonly key: Buffer | string | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>
}

export const limitOf = (topic: string): number =>
  topic.endsWith('.dlq') ? MAX_DEAD_LETTER_BYTES : MAX_MESSAGE_BYTES

/** Lengths, offset and time of a record beside its contents, generously. */
const RECORD_OVERHEAD = 64

export function sizeOf({ key, value, headers }: RawRecord): number {
  let bytes = RECORD_OVERHEAD + lengthOf(key) + lengthOf(value)
  for (const [name, content] of Object.entries(headers)) {
    const list = Array.isArray(content) ? content : [content ?? null]
    for (const item of list) bytes += Buffer.byteLength(name) + lengthOf(item) + 10
  }
  return bytes
}

const lengthOf = (content: Buffer | string | null): number =>
  content === null ? 0 : Buffer.byteLength(content)

/**
 * Cuts a list so that no part has more than `maxBytes`, in order. All records of one call that fall on one partition are
 * one batch for the broker, and its limit is for the batch: two hundred small messages of one camera would be refused.
 */
export function cutBySize<T extends RawRecord>(records: readonly T[], maxBytes: number): readonly T[][] {
  const parts: T[][] = []
  let bytes = 0
  for (const record of records) {
    const size = sizeOf(record)
    const part = parts.at(-1)
    if (part && bytes + size <= maxBytes) {
      part.push(record)
      bytes += size
    } else {
      parts.push([record])
      bytes = size
    }
  }
  return parts
}
