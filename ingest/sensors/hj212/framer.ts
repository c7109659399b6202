import { CRC, type CrcKind, readCrc } from './crc.ts'

/** A frame whose checksum is right, or why the framer gave up on something that began like one. */
export type Framed =
  | {
      readonly kind: 'frame'
      /** The data segment: a view of the framer's bytes, good until its next call. */
      readonly segment: Buffer
      readonly crc: CrcKind
      /** What the length field counted; only a segment that is not plain ASCII can tell. */
      readonly length: 'bytes' | 'characters'
    }
  /**
   * `crc`: neither checksum fits · `cut`: the next frame begins inside, so its length or its end is wrong ·
   * `too_long`: over the limit of the buffer.
   */
  | { readonly kind: 'refused'; readonly why: 'crc' | 'cut' | 'too_long' }

export interface Framer {
  /** Takes bytes in; call `next` until it is null. Keeps no reference to `chunk` after that. */
  feed(chunk: Buffer): void
  next(): Framed | null
  /** Bytes that belonged to no frame and no end of its line, since the beginning. */
  readonly skipped: number
  /** Bytes that wait for more. */
  readonly held: number
}

const HASH = 0x23
const HEADER = 6
const CHECKSUM = 4
const SMALLEST = 1_024
const EMPTY = Buffer.alloc(0)

/** `##` + four digits + segment + four hex digits; what follows (CR LF, by the standard) is not needed. */
const FRAME_BYTES = HEADER + 9_999 + CHECKSUM

/**
 * Cuts a byte stream, however it is chunked, into frames. A data segment never holds `##` and four digits: where they
 * appear inside a frame, a new one begins, so a wrong length or a lost end costs no frame but its own. That rule also
 * makes the work linear: no byte is ever part of two candidates.
 *
 * @param maxBytes longest frame; no more is ever held
 */
export function createFramer(maxBytes = FRAME_BYTES): Framer {
  let bytes: Buffer = EMPTY
  let at = 0
  let end = 0
  /** `bytes` is this framer's own and may be written to. */
  let own = false
  let skipped = 0
  /** Of the frame that begins at `at`; -1: none found yet. */
  let length = -1
  let segmentBytes = 0
  let unit: 'bytes' | 'characters' = 'bytes'
  /** Up to where (from `at`) no other header begins. */
  let searched = HEADER
  /** Nothing but the end of a frame's line has come since the frame. */
  let lineEnd = true

  const skip = (count: number) => {
    at += count
    skipped += count
    length = -1
  }

  /** Moves to the next complete header. False: there is none yet, and `at` is where it may begin. */
  const findHeader = (): boolean => {
    for (;;) {
      while (lineEnd && at < end) {
        lineEnd = bytes[at] === 0x0d || bytes[at] === 0x0a
        if (lineEnd) at += 1
      }
      const hash = bytes.indexOf(HASH, at)
      if (hash < 0 || hash >= end) {
        skip(end - at)
        return false
      }
      skip(hash - at)
      const found = readHeader(at)
      if (found === WAIT) return false
      if (found === NO_HEADER) {
        skip(1)
        continue
      }
      length = found
      segmentBytes = found
      unit = 'bytes'
      searched = HEADER
      return true
    }
  }

  /** The length in a header at `from`, `WAIT` when bytes of it are missing, `NO_HEADER` when it is none. */
  const readHeader = (from: number): number => {
    let value = 0
    for (let place = 0; place < HEADER; place += 1) {
      if (from + place >= end) return WAIT
      const code = bytes[from + place] as number
      if (place < 2) {
        if (code !== HASH) return NO_HEADER
      } else {
        if (code < 0x30 || code > 0x39) return NO_HEADER
        value = value * 10 + code - 0x30
      }
    }
    return value
  }

  /** Where, from `at`, another frame begins before this one is over; -1: nowhere in what is there. */
  const findInner = (): number => {
    const limit = Math.min(end, at + HEADER + segmentBytes + CHECKSUM)
    for (let from = at + searched; ; from += 1) {
      const hash = bytes.indexOf(HASH, from)
      if (hash < 0 || hash + HEADER > limit) {
        // What may be the first bytes of a header is looked at again when more has come.
        searched = Math.max(searched, (hash < 0 ? limit : Math.min(hash, limit)) - at)
        return -1
      }
      if (readHeader(hash) >= 0) return hash - at
      from = hash
    }
  }

  /** Which checksum the frame has whose bytes are all there. */
  const checksum = (): CrcKind | null => {
    const from = at + HEADER
    const to = from + segmentBytes
    const said = readCrc(bytes, to)
    if (said < 0) return null
    if (said === CRC.hj(bytes, from, to)) return 'hj'
    return said === CRC.modbus(bytes, from, to) ? 'modbus' : null
  }

  /** Counts the segment in UTF-8 characters. True: it is longer than was known. */
  const countCharacters = (): boolean => {
    let characters = 0
    let place = at + HEADER
    for (; place < end; place += 1) {
      if (((bytes[place] as number) & 0xc0) === 0x80) continue
      if (characters === length) break
      characters += 1
    }
    const known = segmentBytes
    // Of bytes that are still to come it is only known that each missing character has one at least.
    segmentBytes = place - at - HEADER + (length - characters)
    return segmentBytes > known
  }

  /** Keeps what waits in a buffer of our own: a slice of a chunk would keep the socket's whole slab. */
  const keep = () => {
    if (at === end) {
      bytes = EMPTY
      at = 0
      end = 0
      own = false
    } else if (!own) grow(0)
  }

  const grow = (more: number) => {
    const held = end - at
    const room = own && bytes.length >= held + more ? bytes : Buffer.allocUnsafeSlow(sizeFor(held + more))
    bytes.copy(room, 0, at, end)
    bytes = room
    at = 0
    end = held
    own = true
  }

  const refuse = (why: 'crc' | 'cut' | 'too_long', bytesLost: number): Framed => {
    skip(bytesLost)
    return { kind: 'refused', why }
  }

  const examine = (): Framed | null => {
    for (;;) {
      const whole = HEADER + segmentBytes + CHECKSUM
      if (whole > maxBytes) return refuse('too_long', 2)
      const inner = findInner()
      if (inner >= 0) return refuse('cut', inner)
      if (end - at < whole) return null
      if (unit === 'characters' && countCharacters()) continue
      const crc = checksum()
      if (crc !== null) {
        const segment = bytes.subarray(at + HEADER, at + HEADER + segmentBytes)
        at += whole
        length = -1
        lineEnd = true
        return { kind: 'frame', segment, crc, length: unit }
      }
      if (unit === 'characters' || !countCharacters()) return refuse('crc', 2)
      unit = 'characters'
    }
  }

  return {
    feed(chunk) {
      if (at === end) {
        bytes = chunk
        at = 0
        end = chunk.length
        own = false
        return
      }
      if (!own || end + chunk.length > bytes.length) grow(chunk.length)
      chunk.copy(bytes, end)
      end += chunk.length
    },
    next() {
      const found = length >= 0 || findHeader() ? examine() : null
      if (found === null) keep()
      return found
    },
    get skipped() {
      return skipped
    },
    get held() {
      return end - at
    },
  }
}

const WAIT = -1
const NO_HEADER = -2

/** Doubles, so that bytes that come one by one are copied seldom. */
function sizeFor(bytes: number): number {
  let size = SMALLEST
  while (size < bytes) size *= 2
  return size
}
