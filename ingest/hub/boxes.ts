import { SharpEyesError } from '../../core/errors.ts'

/** A box of ISO/IEC 14496-12 inside a buffer: its payload is [start, end). */
export interface Box {
  readonly type: string
  readonly start: number
  readonly end: number
}

/** What is no fragmented MP4, or none that a browser could play. `camera_codec`: trying again as before cannot help. */
export const notPlayable = (what: string): SharpEyesError => new SharpEyesError('camera_codec', what)

/** The boxes of [start, end), in order. Throws `camera_codec` when one does not fit its parent. */
export function* boxesIn(bytes: Buffer, start: number, end: number): Generator<Box> {
  for (let at = start; at < end; ) {
    if (at + 8 > end) throw notPlayable(`the stream is damaged: ${end - at} bytes where a box should be`)
    const size = bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (size < 8 || at + size > end) {
      throw notPlayable(`the stream is damaged: box "${printable(type)}" of ${size} bytes does not fit`)
    }
    yield { type, start: at + 8, end: at + size }
    at += size
  }
}

/** The first box of `type` in `parent`; null when there is none. */
export function findBox(bytes: Buffer, parent: Pick<Box, 'start' | 'end'>, type: string): Box | null {
  for (const box of boxesIn(bytes, parent.start, parent.end)) if (box.type === type) return box
  return null
}

/** Walks `path` down from `parent`. Throws `camera_codec` when a box is missing. */
export function needBox(bytes: Buffer, parent: Pick<Box, 'start' | 'end'>, ...path: readonly string[]): Box {
  let box = { type: '', ...parent }
  for (const type of path) {
    const found = findBox(bytes, box, type)
    if (!found) throw notPlayable(`the stream is damaged: no ${path.join('/')} box`)
    box = found
  }
  return box
}

export interface FieldReader {
  readonly version: number
  readonly flags: number
  u8(): number
  u16(): number
  u32(): number
  i32(): number
  /** Throws when it exceeds 2^53 - 1: no clock of a camera comes near. */
  u64(): number
  skip(count: number): void
}

/** Reads the fields of a "full box" (version and flags first) in order; never beyond its end. */
export function fieldsOf(bytes: Buffer, box: Box): FieldReader {
  let at = box.start
  const take = (count: number): number => {
    const from = at
    at += count
    if (at > box.end) throw notPlayable(`the stream is damaged: box "${box.type}" is too short`)
    return from
  }
  const versionAndFlags = bytes.readUInt32BE(take(4))
  return {
    version: versionAndFlags >>> 24,
    flags: versionAndFlags & 0xffffff,
    u8: () => bytes.readUInt8(take(1)),
    u16: () => bytes.readUInt16BE(take(2)),
    u32: () => bytes.readUInt32BE(take(4)),
    i32: () => bytes.readInt32BE(take(4)),
    u64() {
      const value = Number(bytes.readBigUInt64BE(take(8)))
      if (!Number.isSafeInteger(value)) throw notPlayable(`the stream is damaged: a time of ${value} ticks`)
      return value
    },
    skip(count) {
      take(count)
    },
  }
}

export const printable = (type: string): string => type.replace(/[^\x20-\x7e]/g, '?')
