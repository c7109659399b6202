/** What the embedded broker may keep in memory of retained messages: they stay until somebody takes them back. */
export interface RetainedLimit {
  /** Why this message may not be kept; null: it may, and is counted. */
  refuses(packet: {
    readonly retain: boolean
    readonly topic: string
    readonly payload: string | Uint8Array
  }): string | null
}

const MAX_TOPICS = 10_000
const MAX_BYTES = 16 << 10

export function createRetainedLimit(maxTopics = MAX_TOPICS, maxBytes = MAX_BYTES): RetainedLimit {
  const topics = new Set<string>()
  return {
    refuses({ retain, topic, payload }) {
      if (!retain) return null
      if (payload.length === 0) {
        topics.delete(topic)
        return null
      }
      if (payload.length > maxBytes) return `a retained message has at most ${maxBytes} bytes`
      if (topics.size >= maxTopics && !topics.has(topic)) return `${maxTopics} topics have a retained message`
      topics.add(topic)
      return null
    },
  }
}
