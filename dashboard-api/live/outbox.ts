import { createLiveGate, type GatedLine } from '../../core/live-gate.ts'
import type { EpochMs } from '../../core/units.ts'

/** What of a WebSocket the outbox needs. */
export interface Line extends GatedLine {
  send(data: string | Uint8Array): void
}

interface Outbox {
  init(bytes: Uint8Array, facts: { mime: string; width?: number; height?: number }): void
  fragment(bytes: Uint8Array, facts: { key: boolean; capturedAt: EpochMs }): void
}

/**
 * The order of messages of one viewer, and what is left out when the browser is slow: JSON text before each
 * initialization segment, then binary messages.
 */
export function createOutbox(line: Line): Outbox {
  const gate = createLiveGate(line)
  return {
    init(bytes, { mime, width, height }) {
      if (!gate.begin()) return
      const size = width === undefined || height === undefined ? {} : { width, height }
      line.send(JSON.stringify({ mime, ...size }))
      line.send(frame(0, bytes))
    },
    fragment(bytes, { key, capturedAt }) {
      if (gate.passes(key)) line.send(frame(capturedAt, bytes))
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
