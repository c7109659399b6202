import { type LiveBoxes, readFound } from '../../../../core/live-boxes.ts'

/** What the live socket says, parsed. Binary: one byte kind, big-endian float64 capture time (epoch ms), then the bytes. */
export type LiveMessage =
  | {
      readonly kind: 'opened'
      readonly mime: string
      readonly width: number | null
      readonly height: number | null
    }
  | { readonly kind: 'ended'; readonly reason: string }
  /** Null: none will come, no model looks. */
  | { readonly kind: 'found'; readonly found: LiveBoxes | null }
  | { readonly kind: 'init'; readonly bytes: Uint8Array<ArrayBuffer> }
  | {
      readonly kind: 'fragment'
      readonly bytes: Uint8Array<ArrayBuffer>
      readonly capturedAt: number
      readonly key: boolean
    }
  | { readonly kind: 'unreadable'; readonly why: string }

const HEADER_BYTES = 9
const KINDS = { init: 0, delta: 1, key: 2 } as const

export function parseLiveMessage(data: string | ArrayBuffer): LiveMessage {
  if (typeof data === 'string') return parseText(data)
  if (data.byteLength <= HEADER_BYTES)
    return { kind: 'unreadable', why: `${data.byteLength} bytes are no fragment` }
  const view = new DataView(data)
  const kind = view.getUint8(0)
  if (kind > KINDS.key) return { kind: 'unreadable', why: `kind ${kind} is not known` }
  const capturedAt = view.getFloat64(1)
  if (!Number.isFinite(capturedAt) || capturedAt < 0)
    return { kind: 'unreadable', why: 'the capture time is no time' }
  const bytes = new Uint8Array(data, HEADER_BYTES)
  return kind === KINDS.init
    ? { kind: 'init', bytes }
    : { kind: 'fragment', bytes, capturedAt, key: kind === KINDS.key }
}

function parseText(text: string): LiveMessage {
  let said: unknown
  try {
    said = JSON.parse(text)
  } catch {
    return { kind: 'unreadable', why: 'the text is no JSON' }
  }
  if (typeof said !== 'object' || said === null) return { kind: 'unreadable', why: 'the text is no object' }
  const { mime, width, height, ended } = said as Record<string, unknown>
  if (typeof ended === 'string') return { kind: 'ended', reason: ended }
  const found = readFound(said)
  if (found !== undefined) return { kind: 'found', found }
  if (typeof mime !== 'string') return { kind: 'unreadable', why: 'neither mime nor ended nor found' }
  const size = (value: unknown) => (typeof value === 'number' && value > 0 ? value : null)
  return { kind: 'opened', mime, width: size(width), height: size(height) }
}
