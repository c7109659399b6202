import type { Aedes, AedesOptions, AedesPublishPacket, PublishPacket } from 'aedes'

/**
 * Answers a device after its message is stored. aedes answers a QoS 1 publish before it hands it on, and keeps it in
 * memory: a power cut in between, and the reading that the device no longer has is nowhere. So the message is handed on
 * here, inside the permission to publish, which aedes waits for before it answers; what aedes then publishes itself goes
 * to a topic of nobody. The answer comes when the subscriber `keeper` has acknowledged, or takes no part in the topic.
 */
export function answerAfterStoring(keeper: string): {
  readonly hooks: Required<Pick<AedesOptions, 'authorizePublish' | 'authorizeForward'>>
  attach(broker: Aedes): void
  /** Devices that wait for their answer. */
  readonly waiting: number
} {
  // A message is known again by its payload: aedes copies the packet on its way, but not the bytes.
  const waiting = new Map<Buffer, { offered: boolean; answer: () => void }>()
  const subscribed = Promise.withResolvers<void>()
  let broker: Aedes | null = null
  let there = false

  function settle(payload: unknown): void {
    const found = Buffer.isBuffer(payload) ? waiting.get(payload) : undefined
    if (!found || !Buffer.isBuffer(payload)) return
    waiting.delete(payload)
    found.answer()
  }

  /** The keeper is there and has been offered all that concerns it: the rest concerns nobody. */
  function settleStrange(): void {
    if (!there) return
    for (const [payload, { offered }] of waiting) if (!offered) settle(payload)
  }

  async function store(packet: PublishPacket, answer: () => void): Promise<void> {
    const payload = Buffer.from(packet.payload) // its own bytes: an empty payload of two messages may be the same
    await subscribed.promise
    waiting.set(payload, { offered: false, answer })
    broker?.publish({ ...packet, payload, dup: false }, () => settleStrange())
  }

  return {
    get waiting() {
      return waiting.size
    },
    hooks: {
      authorizePublish(client, packet, callback) {
        if (packet.topic.startsWith('$')) return callback(new Error(`the topic ${packet.topic} is reserved`))
        // A will has no packet id and nobody who waits for an answer; QoS 2 has its own way to ask again.
        if (!client || packet.cmd !== 'publish' || packet.qos !== 1) return callback(null)
        store(packet, () => {
          packet.topic = HANDED_ON
          packet.payload = ''
          packet.retain = false
          callback(null)
        }).catch(callback)
      },
      authorizeForward(client, packet: AedesPublishPacket) {
        const found =
          client.id === keeper && Buffer.isBuffer(packet.payload) ? waiting.get(packet.payload) : undefined
        if (found) found.offered = true
        return packet
      },
    },
    attach(made) {
      broker = made
      made.on('subscribe', (_, client) => {
        if (client.id === keeper) subscribed.resolve()
      })
      made.on('clientReady', (client) => {
        if (client.id !== keeper) return
        there = true
        settleStrange()
      })
      made.on('clientDisconnect', (client) => {
        if (client.id === keeper) there = false
      })
      made.on('ack', (packet, client) => {
        if (client.id === keeper && packet && 'payload' in packet) settle(packet.payload)
      })
    },
  }
}

const HANDED_ON = '$handed-on'
