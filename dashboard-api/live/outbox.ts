import type { EpochMs } from '../../core/units.ts'

/** A browser that has this much unread is behind: it is given nothing more until it has caught up, then a key frame. */
const DROP_ABOVE_BYTES = 2 * 1024 * 1024
const CLOSE_ABOVE_BYTES = 8 * 1024 * 1024
const CLOSE_AFTER_MS = 10_000

/** What of a WebSocket the outbox needs. */
export interface Line {
  send(data: string | Uint8Array): void
  /** Bytes handed over and not yet taken by the network. */
  bufferedAmount(): number
  now(): EpochMs
  dropped(fragments: number): void
  /** The browser does not keep up. */
  tooSlow(): void
}

interface Outbox {
  init(bytes: Uint8Array, facts: { mime: string; width?: number; height?: number }): void
  fragment(bytes: Uint8Array, facts: { key: boolean; capturedAt: EpochMs }): void
}

/**
 * The order of messages of one viewer, and what is left out when the browser is slow: JSON text before each
 * initialization segment, then binary messages. Begins with a key frame; after a gap goes on with a key frame.
 */
export function createOutbox(line: Line): Outbox {
  let waitsForKey = true
  let behindSince: EpochMs | null = null
  let closed = false

  const isBehind = (): boolean => {
    const buffered = line.bufferedAmount()
    if (buffered <= DROP_ABOVE_BYTES) {
      behindSince = null
      return false
    }
    const now = line.now()
    behindSince ??= now
    if (buffered > CLOSE_ABOVE_BYTES || now - behindSince >= CLOSE_AFTER_MS) {
      closed = true
      line.tooSlow()
    }
    return true
  }
  return {
    init(bytes, { mime, width, height }) {
      if (closed) return
      const size = width === undefined || height === undefined ? {} : { width, height }
      line.send(JSON.stringify({ mime, ...size }))
      line.send(frame(0, bytes))
      waitsForKey = true
    },
    fragment(bytes, { key, capturedAt }) {
      if (closed) return
      if (isBehind() || (waitsForKey && !key)) {
        waitsForKey = true
        line.dropped(1)
        return
      }
      waitsForKey = false
      line.send(frame(capturedAt, bytes))
    },
  }
}

/** 8 bytes big-endian float64 (capture time, epoch ms; 0 for an initialization segment), then fragmented MP4. */
function frame(capturedAt: EpochMs, bytes: Uint8Array): Uint8Array {
  const message = Buffer.allocUnsafe(8 + bytes.byteLength)
  message.writeDoubleBE(capturedAt, 0)
  message.set(bytes, 8)
  return message
}
