import { notPlayable, printable } from './boxes.ts'

/** What comes out of `ftyp moov (moof mdat)*`. The buffers are the receiver's own. */
export interface SplitSink {
  /** `ftyp` + `moov`. */
  init(bytes: Buffer): void
  /** `moof` + `mdat`; the first `moofSize` bytes are the `moof`. */
  fragment(bytes: Buffer, moofSize: number): void
}

export interface Splitter {
  /** Throws `camera_codec` on what is no fragmented MP4; the splitter is of no use after that. */
  push(chunk: Uint8Array): void
}

const HEADER = 8
const LARGE_HEADER = 16
/** Index boxes of one track are some hundred bytes; a key frame of an 8K camera some MiB. */
const MAX_HEAD_BYTES = 1 << 20
const MAX_MEDIA_BYTES = 64 << 20

/**
 * Cuts a byte stream, however it is chunked, into init segments and fragments. Every byte is copied once, into the
 * buffer that is handed on (chunks of a pipe share 64 KiB slabs: a kept slice would keep the slab).
 */
export function createSplitter(sink: SplitSink): Splitter {
  const header = Buffer.alloc(LARGE_HEADER)
  let headerSize = 0
  /** Where the payload goes; null while a header is read or a box is skipped. */
  let target: Buffer | null = null
  let filled = 0
  let skipping = 0
  let type = ''
  /** A finished `ftyp` or `moof` that waits for its `moov` or `mdat`. */
  let head: Buffer | null = null
  let headType = ''
  let began = false
  let started = false

  const begin = (size: number, headerBytes: number) => {
    if (!began && type !== 'ftyp') throw notPlayable(`the stream is no MP4: it begins with "${type}"`)
    began = true
    const limit = type === 'moov' || type === 'moof' || type === 'ftyp' ? MAX_HEAD_BYTES : MAX_MEDIA_BYTES
    if (size > limit) {
      throw notPlayable(`the stream is damaged: "${type}" of ${size} bytes, the limit is ${limit}`)
    }
    const startsHead = type === 'ftyp' || type === 'moof'
    const partner = type === 'moov' ? 'ftyp' : type === 'mdat' ? 'moof' : null
    if (!startsHead && partner === null) {
      skipping = size - headerBytes
      headerSize = 0
      return
    }
    if (partner !== null && headType !== partner) {
      throw notPlayable(`the stream is no fragmented MP4: "${type}" without "${partner}" before it`)
    }
    if (type === 'moof' && !started)
      throw notPlayable('the stream is no fragmented MP4: "moof" before "moov"')
    const before = partner !== null && head ? head : null
    const offset = before?.length ?? 0
    // Not from the pool: these buffers live as long as a recording needs them.
    target = Buffer.allocUnsafeSlow(offset + size)
    before?.copy(target, 0)
    header.copy(target, offset, 0, headerBytes)
    filled = offset + headerBytes
    headerSize = 0
  }

  const readHeader = (chunk: Uint8Array, from: number): number => {
    let at = from
    const need = () => (headerSize >= HEADER && header.readUInt32BE(0) === 1 ? LARGE_HEADER : HEADER)
    while (headerSize < need() && at < chunk.length) header[headerSize++] = chunk[at++] ?? 0
    if (headerSize < need()) return at
    type = header.toString('latin1', 4, 8)
    const large = need() === LARGE_HEADER
    const size = large ? Number(header.readBigUInt64BE(8)) : header.readUInt32BE(0)
    const headerBytes = large ? LARGE_HEADER : HEADER
    if (size < headerBytes || !/^[\x20-\x7e]{4}$/.test(type)) {
      throw notPlayable(`the stream is no MP4: box "${printable(type)}" of ${size} bytes`)
    }
    begin(size, headerBytes)
    return at
  }

  const finish = (bytes: Buffer) => {
    target = null
    if (type === 'ftyp' || type === 'moof') {
      head = bytes
      headType = type
      return
    }
    const moofSize = head?.length ?? 0
    head = null
    headType = ''
    if (type === 'moov') {
      started = true
      sink.init(bytes)
    } else sink.fragment(bytes, moofSize)
  }

  return {
    push(chunk) {
      let at = 0
      while (at < chunk.length) {
        if (skipping > 0) {
          const count = Math.min(skipping, chunk.length - at)
          skipping -= count
          at += count
        } else if (target) {
          const count = Math.min(target.length - filled, chunk.length - at)
          target.set(chunk.subarray(at, at + count), filled)
          filled += count
          at += count
        } else {
          at = readHeader(chunk, at)
        }
        if (target && filled === target.length) finish(target)
      }
    },
  }
}
