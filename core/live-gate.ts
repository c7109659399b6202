import type { EpochMs } from './units.ts'

/** A viewer that has this much unread is behind: it is given nothing more until it has caught up, then a key frame. */
const DROP_ABOVE_BYTES = 2 * 1024 * 1024
/** Boxes of a picture are of use while it is on screen: where this much waits before them they come too late. */
const NO_BOXES_ABOVE_BYTES = 512 * 1024
const CLOSE_ABOVE_BYTES = 8 * 1024 * 1024
const CLOSE_AFTER_MS = 10_000

/** What the gate has to know of a viewer's line. */
export interface GatedLine {
  /** Bytes handed over and not yet taken by the network. */
  bufferedAmount(): number
  now(): EpochMs
  dropped(fragments: number): void
  /** It does not keep up; nothing passes any more. Called once. */
  tooSlow(): void
}

/** What of a live stream goes to one viewer: it begins with a key frame, and after a gap goes on with a key frame. */
export interface LiveGate {
  /** A new initialization segment: a key frame must follow it. False: the gate is shut. */
  begin(): boolean
  /** Whether the next fragment goes out; one that does not is counted. */
  passes(key: boolean): boolean
  /** Whether what was found in a picture goes out now: not while pictures are left out or much is unread. */
  passesBoxes(): boolean
}

export function createLiveGate(line: GatedLine): LiveGate {
  let waitsForKey = true
  let behindSince: EpochMs | null = null
  let shut = false

  const isBehind = (): boolean => {
    const buffered = line.bufferedAmount()
    if (buffered <= DROP_ABOVE_BYTES) {
      behindSince = null
      return false
    }
    const now = line.now()
    behindSince ??= now
    if (buffered > CLOSE_ABOVE_BYTES || now - behindSince >= CLOSE_AFTER_MS) {
      shut = true
      line.tooSlow()
    }
    return true
  }
  return {
    begin() {
      if (shut) return false
      waitsForKey = true
      return true
    },
    passes(key) {
      if (shut) return false
      if (isBehind() || (waitsForKey && !key)) {
        waitsForKey = true
        line.dropped(1)
        return false
      }
      waitsForKey = false
      return true
    },
    passesBoxes: () => !shut && !waitsForKey && line.bufferedAmount() <= NO_BOXES_ABOVE_BYTES,
  }
}
