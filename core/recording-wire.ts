import type { RecordedFragment, RecordingPart } from './ports/recordings.ts'

/**
 * A part of a recording as bytes, from a worker to the pages' server and on to the browser, which take it apart alike:
 * 4 bytes big-endian length of the head, the head (JSON), the init segment, the fragments in its order.
 */
export function encodePart(part: RecordingPart): Uint8Array<ArrayBuffer> {
  const { init, fragments, ...facts } = part
  const head = new TextEncoder().encode(
    JSON.stringify({
      ...facts,
      init: init.byteLength,
      fragments: fragments.map(({ bytes, key, capturedAt, mediaMs }) => [
        bytes.byteLength,
        key ? 1 : 0,
        capturedAt,
        mediaMs,
      ]),
    }),
  )
  const parts = [init, ...fragments.map(({ bytes }) => bytes)]
  const whole = new Uint8Array(parts.reduce((sum, one) => sum + one.byteLength, 4 + head.byteLength))
  new DataView(whole.buffer).setUint32(0, head.byteLength)
  whole.set(head, 4)
  let at = 4 + head.byteLength
  for (const one of parts) {
    whole.set(one, at)
    at += one.byteLength
  }
  return whole
}

/** The bytes are views of `whole`. Throws `TypeError` with what is wrong. */
export function decodePart(whole: Uint8Array<ArrayBuffer>): RecordingPart {
  const head = headOf(whole)
  const { mime, width, height, connection, next } = head
  const table = Array.isArray(head.fragments) ? head.fragments : []
  const sizes = [head.init, ...table.map((row) => (Array.isArray(row) ? row[0] : null))]
  let at = 4 + new DataView(whole.buffer, whole.byteOffset).getUint32(0)
  const parts = sizes.map((size) => {
    if (!isSize(size) || at + size > whole.byteLength)
      throw new TypeError('a recording is shorter than it says')
    at += size
    return whole.subarray(at - size, at)
  })
  if (at !== whole.byteLength) throw new TypeError('a recording is longer than it says')
  if (typeof mime !== 'string' || !isNumber(connection) || !isNumber(width) || !isNumber(height))
    throw new TypeError('a recording does not say what it is')
  const fragments = table.map((row, index): RecordedFragment => {
    const [, key, capturedAt, mediaMs] = row as unknown[]
    const bytes = parts[index + 1]
    if (!bytes || !isNumber(capturedAt) || !isNumber(mediaMs))
      throw new TypeError('a picture of a recording has no time')
    return { bytes, key: key === 1, capturedAt, mediaMs }
  })
  const [init] = parts
  if (!init) throw new TypeError('a recording has no init segment')
  return { mime, width, height, connection, init, fragments, next: isNumber(next) ? next : null }
}

function headOf(whole: Uint8Array<ArrayBuffer>): Record<string, unknown> {
  if (whole.byteLength < 4) throw new TypeError('a recording without a head')
  const length = new DataView(whole.buffer, whole.byteOffset).getUint32(0)
  if (4 + length > whole.byteLength) throw new TypeError('a recording is shorter than its head says')
  const head: unknown = JSON.parse(new TextDecoder().decode(whole.subarray(4, 4 + length)))
  if (typeof head !== 'object' || head === null) throw new TypeError('the head of a recording is no object')
  return head as Record<string, unknown>
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
const isSize = (value: unknown): value is number => isNumber(value) && Number.isInteger(value) && value >= 0
