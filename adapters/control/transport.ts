import type { EventTransport } from '../../core/ports/messages.ts'
import type { InboundMessage } from '../../core/topics.ts'
import type { ControlLink } from './link.ts'

/** Longer than the inbox may take for one batch. */
const SEND_LIMIT_MS = 40_000
const MAX_MESSAGES = 200
/** Of JSON; the server takes several times as much, so that one large message never stands in the way. */
const MAX_CHARACTERS = 1_000_000

/** Spooled messages to the inbox behind the pages' server; resolves when the inbox has committed all of them. */
export function createHttpEventTransport(link: ControlLink): EventTransport {
  return {
    async send(messages) {
      for (const batch of batches(messages)) {
        await link.call({
          method: 'POST',
          path: '/messages',
          json: { messages: batch },
          timeoutMs: SEND_LIMIT_MS,
        })
      }
    },
  }
}

/** In order: the messages of one key must not overtake each other. */
function* batches(messages: readonly InboundMessage[]): Generator<readonly InboundMessage[]> {
  let batch: InboundMessage[] = []
  let characters = 0
  for (const message of messages) {
    const length = JSON.stringify(message).length
    if (batch.length > 0 && (batch.length === MAX_MESSAGES || characters + length > MAX_CHARACTERS)) {
      yield batch
      batch = []
      characters = 0
    }
    batch.push(message)
    characters += length
  }
  if (batch.length > 0) yield batch
}
