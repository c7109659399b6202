import type { EventTransport, MessageReceiver } from '../../core/ports/messages.ts'
import { type InboundTopic, topicOf } from '../../core/topics.ts'

/** Spool and database in one process: handing over is a call, and it resolves with the receiver's commit. */
export function createDirectTransport(
  receivers: Readonly<Partial<Record<InboundTopic, MessageReceiver>>>,
): EventTransport {
  return {
    async send(messages) {
      for (const [topic, batch] of Map.groupBy(messages, topicOf)) {
        const receiver = receivers[topic]
        if (!receiver) throw new Error(`nobody receives ${topic} here`)
        await receiver.receive(batch)
      }
    },
  }
}
