import type { LiveFormat, LiveViewer } from '../../core/live.ts'
import type { LiveBoxes } from '../../core/live-boxes.ts'
import { readFound } from '../../core/live-boxes.ts'

/**
 * What goes over the WebSocket between a worker and the pages' server. Text: `{mime}` before each initialization
 * segment, `{ended, code?}` when the camera's connection ended, `{found}` with the boxes of a picture while the server
 * asks for them by `{boxes: true}`. Binary: one byte kind, capture time (epoch ms) and media time
 * (ms) as big-endian float64, then the bytes as they are.
 */
export type LiveWord =
  | { readonly kind: 'mime'; readonly mime: string }
  | { readonly kind: 'ended'; readonly reason: string; readonly code?: 'too_many_requests' }
  | { readonly kind: 'found'; readonly found: LiveBoxes | null }
  | { readonly kind: 'init'; readonly bytes: Uint8Array }
  | { readonly kind: 'fragment'; readonly bytes: Uint8Array; readonly facts: Facts }

type Facts = Parameters<LiveViewer['fragment']>[1]

const KINDS = { init: 0, delta: 1, key: 2 } as const
const HEADER_BYTES = 17

export const livePath = (camera: string, format: LiveFormat): string =>
  `/live/${encodeURIComponent(camera)}${format === 'source' ? '' : `?as=${format}`}`
export const stillPath = (camera: string): string => `/still/${encodeURIComponent(camera)}.jpg`

export const mimeText = (mime: string): string => JSON.stringify({ mime })
export const endedText = (reason: string, code?: string): string =>
  JSON.stringify({ ended: reason, ...(code === undefined ? {} : { code }) })
export const initMessage = (bytes: Uint8Array): Uint8Array => message(KINDS.init, 0, 0, bytes)
export const fragmentMessage = (bytes: Uint8Array, { key, capturedAt, mediaMs }: Facts): Uint8Array =>
  message(key ? KINDS.key : KINDS.delta, capturedAt, mediaMs, bytes)

function message(kind: number, capturedAt: number, mediaMs: number, bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + bytes.byteLength)
  buffer.writeUInt8(kind, 0)
  buffer.writeDoubleBE(capturedAt, 1)
  buffer.writeDoubleBE(mediaMs, 9)
  buffer.set(bytes, HEADER_BYTES)
  return buffer
}

/** Null: no word of this protocol. */
export function readLiveWord(data: Buffer, binary: boolean): LiveWord | null {
  return binary ? readBinary(data) : readText(data.toString('utf8'))
}

function readBinary(data: Buffer): LiveWord | null {
  if (data.length <= HEADER_BYTES) return null
  const kind = data.readUInt8(0)
  const bytes = data.subarray(HEADER_BYTES)
  if (kind === KINDS.init) return { kind: 'init', bytes }
  if (kind !== KINDS.delta && kind !== KINDS.key) return null
  const facts = { key: kind === KINDS.key, capturedAt: data.readDoubleBE(1), mediaMs: data.readDoubleBE(9) }
  if (!Number.isFinite(facts.capturedAt) || !Number.isFinite(facts.mediaMs)) return null
  return { kind: 'fragment', bytes, facts }
}

function readText(text: string): LiveWord | null {
  try {
    const said = JSON.parse(text) as unknown
    if (typeof said !== 'object' || said === null) return null
    if ('mime' in said && typeof said.mime === 'string') return { kind: 'mime', mime: said.mime }
    if ('ended' in said && typeof said.ended === 'string') {
      const code = 'code' in said && said.code === 'too_many_requests' ? { code: said.code } : {}
      return { kind: 'ended', reason: said.ended, ...code } as LiveWord
    }
    const found = readFound(said)
    return found === undefined ? null : { kind: 'found', found }
  } catch {
    return null
  }
}
