/** Where a message stands in the life of its event: lease epoch first, then the count within it. */
export interface EventPosition {
  readonly epoch: number
  readonly seq: number
}

/** What is stored of an event: the latest applied position, and whether it is over. */
export interface StoredPosition extends EventPosition {
  readonly ended: boolean
}

/**
 * What becomes of a message.
 * `applied`: it is now the state of the event · `stale`: a later message of the same holder is applied already ·
 * `recorded`: from a holder whose event another one has adopted since; kept in the history only ·
 * `ended`: the event is over, and an end is terminal.
 */
export type MessageOutcome = 'applied' | 'stale' | 'recorded' | 'ended'

/** Below 0: `a` is earlier than `b`; 0: the same position. */
export function comparePositions(a: EventPosition, b: EventPosition): number {
  return a.epoch - b.epoch || a.seq - b.seq
}

/**
 * Decides one message against what is stored of its event (null: nothing yet). Every message has the whole state, so
 * an unknown event is simply taken as it is: an update starts it, an end opens and resolves it.
 *
 * "Epoch" is always the epoch stored *with this event*: after a camera changed hands, the late messages of the old
 * holder still count for events that the new holder never adopted.
 */
export function decideMessage(stored: StoredPosition | null, message: EventPosition): MessageOutcome {
  if (!stored) return 'applied'
  if (stored.ended) return 'ended'
  if (message.epoch < stored.epoch) return 'recorded'
  return comparePositions(message, stored) > 0 ? 'applied' : 'stale'
}
