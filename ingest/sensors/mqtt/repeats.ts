import { createHash } from 'node:crypto'
import type { IPublishPacket } from 'mqtt'
import type { EpochMs } from '../../../core/units.ts'

/** When a message came first: after a break the broker sends again what we may have stored already. */
export interface Repeats {
  arrivalOf(packet: IPublishPacket, now: EpochMs): EpochMs
  /** The broker has no session of ours: its packet ids begin anew. */
  forget(): void
}

/**
 * A reading without a time has the time of its arrival, and the arrival is part of what makes a message the same. So a
 * message that is sent again (same packet id, marked as duplicate, same content) keeps its first arrival.
 * @param size unacknowledged messages that a connection can have, at most
 */
export function createRepeats(size: number): Repeats {
  const seen = new Map<number, { readonly digest: string; readonly at: EpochMs }>()
  return {
    arrivalOf({ messageId, topic, payload, dup, qos }, now) {
      if (qos === 0 || messageId === undefined) return now
      const digest = createHash('sha1').update(topic).update('\0').update(payload).digest('base64')
      const before = seen.get(messageId)
      const at = dup && before?.digest === digest ? before.at : now
      seen.delete(messageId) // to the end of the line
      seen.set(messageId, { digest, at })
      const [oldest] = seen.keys()
      if (seen.size > size && oldest !== undefined) seen.delete(oldest)
      return at
    },
    forget: () => seen.clear(),
  }
}
