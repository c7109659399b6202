import { QUEUE_BYTES } from './catch-up.ts'

export interface Part {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Null: an initialization segment, which is never dropped. */
  readonly capturedAt: number | null
  readonly key: boolean
}

/** What waits for a busy buffer. Bounded: what is too much goes, up to the next key frame, and is counted. */
export interface AppendQueue {
  /** Fragments that were left out so far. */
  readonly dropped: number
  add(part: Part): void
  next(): Part | null
  clear(): void
}

export function createAppendQueue(limitBytes: number = QUEUE_BYTES): AppendQueue {
  let parts: Part[] = []
  let bytes = 0
  let waitsForKey = false
  let dropped = 0

  const dropFragments = () => {
    const kept = parts.filter((part) => part.capturedAt === null)
    dropped += parts.length - kept.length
    parts = kept
    bytes = kept.reduce((sum, part) => sum + part.bytes.byteLength, 0)
  }
  return {
    get dropped() {
      return dropped
    },
    add(part) {
      const fragment = part.capturedAt !== null
      // One key frame may be larger than the whole queue (4K): alone it always passes.
      if (fragment && parts.length > 0 && bytes + part.bytes.byteLength > limitBytes) {
        dropFragments()
        waitsForKey = true
      }
      if (fragment && waitsForKey && !part.key) {
        dropped += 1
        return
      }
      if (fragment) waitsForKey = false
      parts.push(part)
      bytes += part.bytes.byteLength
    },
    next() {
      const part = parts.shift()
      if (!part) return null
      bytes -= part.bytes.byteLength
      return part
    },
    clear() {
      parts = []
      bytes = 0
    },
  }
}
