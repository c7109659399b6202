/** MPEG transport streams as far as a live view needs them: where packets end, where a key frame begins, what time it is. */

const PACKET = 188
const SYNC = 0x47
/** Presentation times have 33 bits of a 90 kHz clock. */
const WRAP = 2 ** 33
const PER_MS = 90

export interface TsChunk {
  /** Whole packets. */
  readonly bytes: Uint8Array
  /** It begins with a picture that stands alone. */
  readonly key: boolean
  /** Presentation time of its last picture start, ms; null: it has none. Wraps after 26.5 hours. */
  readonly ptsMs: number | null
}

/** Cuts what comes in any pieces into whole packets, each key frame at the start of a chunk. Rests are kept, under one packet. */
export function createTsCutter(): (bytes: Uint8Array) => readonly TsChunk[] {
  let rest: Uint8Array = new Uint8Array(0)
  return (bytes) => {
    const all = rest.length === 0 ? bytes : joined(rest, bytes)
    const chunks: TsChunk[] = []
    let from = 0
    let key = false
    let ptsMs: number | null = null
    let at = 0
    const flush = () => {
      if (at > from) chunks.push({ bytes: all.subarray(from, at), key, ptsMs })
    }
    while (at < all.length) {
      if (all[at] !== SYNC) {
        // Lost: what follows counts from the next packet on.
        flush()
        const next = all.indexOf(SYNC, at + 1)
        from = at = next < 0 ? all.length : next
        ;[key, ptsMs] = [false, null]
        continue
      }
      if (at + PACKET > all.length) break
      const packet = all.subarray(at, at + PACKET)
      if (startsKey(packet)) {
        flush()
        ;[from, key, ptsMs] = [at, true, null]
      }
      ptsMs = ptsOf(packet) ?? ptsMs
      at += PACKET
    }
    flush()
    rest = all.slice(at)
    return chunks
  }
}

/** Milliseconds from one wrapped presentation time to another, the short way round. */
export function ptsDistanceMs(from: number, to: number): number {
  const wrap = WRAP / PER_MS
  const ahead = (((to - from) % wrap) + wrap) % wrap
  return ahead > wrap / 2 ? ahead - wrap : ahead
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

const byte = (packet: Uint8Array, at: number): number => packet[at] ?? 0
const startsUnit = (packet: Uint8Array): boolean => (byte(packet, 1) & 0x40) !== 0
const hasAdaptation = (packet: Uint8Array): boolean => (byte(packet, 3) & 0x20) !== 0

/** The muxer marks a picture that can be begun with in the adaptation field (random_access_indicator). */
const startsKey = (packet: Uint8Array): boolean =>
  startsUnit(packet) && hasAdaptation(packet) && byte(packet, 4) > 0 && (byte(packet, 5) & 0x40) !== 0

function ptsOf(packet: Uint8Array): number | null {
  if (!startsUnit(packet)) return null
  const payload = hasAdaptation(packet) ? 5 + byte(packet, 4) : 4
  if (payload + 14 > PACKET) return null
  const is = (offset: number, value: number) => byte(packet, payload + offset) === value
  // A video stream's packet that has a presentation time.
  if (!is(0, 0) || !is(1, 0) || !is(2, 1) || (byte(packet, payload + 3) & 0xf0) !== 0xe0) return null
  if ((byte(packet, payload + 7) & 0x80) === 0) return null
  const p = (offset: number) => byte(packet, payload + 9 + offset)
  const high = ((p(0) >> 1) & 0x07) * 2 ** 30
  const middle = ((p(1) << 7) | (p(2) >> 1)) * 2 ** 15
  const low = (p(3) << 7) | (p(4) >> 1)
  return (high + middle + low) / PER_MS
}
