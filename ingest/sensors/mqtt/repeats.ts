import { createHash } from 'node:crypto'
import type { IPublishPacket } from 'mqtt'
import type { DurationMs, EpochMs } from '../../../core/units.ts'

/** When a message came first: after a break the broker sends again what we may have stored already. */
export interface Repeats {
  arrivalOf(packet: IPublishPacket, now: EpochMs): EpochMs
  /** The broker has no session of ours: its packet ids begin anew. */
  forget(): void
}

const MAX_TOPICS = 20_000
/** What a broker kept comes faster than a message a millisecond; arrivals may run so far ahead of the clock. */
const MAX_AHEAD_MS: DurationMs = 60_000

/**
 * A reading without a time has the time of its arrival, and the arrival is part of what makes a message the same. So a
 * message that is sent again (same packet id, marked as duplicate, same content) keeps its first arrival, and of two
 * messages of one topic the second arrives a millisecond later at least: a sensor has one reading a moment.
 * @param size unacknowledged messages that a connection can have, at most
 */
export function createRepeats(size: number): Repeats {
  const seen = new Map<number, { readonly digest: string; readonly at: EpochMs }>()
  const latest = new Map<string, EpochMs>()
  const arrive = (topic: string, now: EpochMs): EpochMs => {
    const before = latest.get(topic)
    const at = before !== undefined && before >= now && before - now < MAX_AHEAD_MS ? before + 1 : now
    if (latest.size >= MAX_TOPICS) latest.clear()
    latest.set(topic, at)
    return at
  }
  return {
    arrivalOf({ messageId, topic, payload, dup, qos }, now) {
      if (qos === 0 || messageId === undefined) return arrive(topic, now)
      const digest = createHash('sha1').update(topic).update('\0').update(payload).digest('base64')
      const before = seen.get(messageId)
      const at = dup && before?.digest === digest ? before.at : arrive(topic, now)
      seen.delete(messageId) // to the end of the line
      seen.set(messageId, { digest, at })
      const [oldest] = seen.keys()
      if (seen.size > size && oldest !== undefined) seen.delete(oldest)
      return at
    },
    forget: () => seen.clear(),
  }
}
