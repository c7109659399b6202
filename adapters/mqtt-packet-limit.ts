/** Looks at the bytes of one MQTT connection and says when a packet announces more than it may have. */
export interface PacketLimit {
  /** False: the packet that begins or goes on here is larger than `maxBytes`. */
  allows(bytes: Uint8Array): boolean
}

/**
 * A broker collects a packet before it hands it on, up to 256 MB by the protocol: so the length in its fixed header is
 * read before the packet is there. Type (1 byte), length (1 to 4 bytes, 7 bits each, lowest first), then the rest.
 */
export function createPacketLimit(maxBytes: number): PacketLimit {
  /** Bytes of the current packet's rest that are still to come. */
  let rest = 0
  let header: { length: number; shift: number } | null = null
  return {
    allows(bytes) {
      for (let at = 0; at < bytes.length; ) {
        if (rest > 0) {
          const skipped = Math.min(rest, bytes.length - at)
          rest -= skipped
          at += skipped
          continue
        }
        const byte = bytes[at] ?? 0
        at += 1
        if (!header) {
          header = { length: 0, shift: 0 }
          continue
        }
        header.length += (byte & 0x7f) * 2 ** header.shift
        header.shift += 7
        if (header.length > maxBytes || header.shift > 28) return false
        if (byte & 0x80) continue
        rest = header.length
        header = null
      }
      return true
    },
  }
}
