import type { LiveBoxes } from '../../core/live-boxes.ts'
import { foundText } from '../../core/live-boxes.ts'
import { createLiveGate, type GatedLine } from '../../core/live-gate.ts'
import type { EpochMs } from '../../core/units.ts'

/** What of a WebSocket the outbox needs. */
export interface Line extends GatedLine {
  send(data: string | Uint8Array): void
  boxesDropped(): void
}

interface Outbox {
  init(bytes: Uint8Array, facts: { mime: string; width?: number; height?: number }): void
  fragment(bytes: Uint8Array, facts: { key: boolean; capturedAt: EpochMs }): void
  boxes(found: LiveBoxes | null): void
}

/**
 * The order of messages of one viewer, and what is left out when the browser is slow: JSON text before each
 * initialization segment, then binary messages, and JSON text with the boxes of a picture for whom asked.
 */
export function createOutbox(line: Line): Outbox {
  const gate = createLiveGate(line)
  return {
    init(bytes, { mime, width, height }) {
      if (!gate.begin()) return
      const size = width === undefined || height === undefined ? {} : { width, height }
      line.send(JSON.stringify({ mime, ...size }))
      line.send(frame(KINDS.init, 0, bytes))
    },
    fragment(bytes, { key, capturedAt }) {
      if (gate.passes(key)) line.send(frame(key ? KINDS.key : KINDS.delta, capturedAt, bytes))
    },
    boxes(found) {
      if (found === null || gate.passesBoxes()) line.send(foundText(found))
      else line.boxesDropped()
    },
  }
}

/** As between workers and this server (adapters/live/wire.ts). A browser that drops goes on with a key frame. */
const KINDS = { init: 0, delta: 1, key: 2 } as const
const HEADER_BYTES = 9

/** One byte kind, 8 bytes big-endian float64 (capture time, epoch ms; 0 for an initialization segment), then the bytes. */
function frame(kind: number, capturedAt: EpochMs, bytes: Uint8Array): Uint8Array {
  const message = Buffer.allocUnsafe(HEADER_BYTES + bytes.byteLength)
  message.writeUInt8(kind, 0)
  message.writeDoubleBE(capturedAt, 1)
  message.set(bytes, HEADER_BYTES)
  return message
}
