export const SPEEDS = [1, 2, 8] as const
export type Speed = (typeof SPEEDS)[number]

export interface Playhead {
  /** Moment that is (to be) shown, epoch ms. */
  at(): number
  readonly playing: boolean
  readonly speed: Speed
  play(): void
  pause(): void
  /** Counts seeks: whatever was begun for an older one is of no use. */
  readonly turn: number
  seek(at: number): void
  setSpeed(speed: Speed): void
  /** Moves on by the time since the last call, unless a picture is waited for. */
  advance(waiting: boolean): void
  subscribe(listener: () => void): () => void
}

/** More than this between two calls (a hidden tab, a laptop that slept) is no time that was played. */
const LONGEST_STEP_MS = 500

/** The one clock of all cameras on the page. `monotonic` in ms. */
export function createPlayhead(start: number, monotonic: () => number): Playhead {
  let at = start
  let playing = false
  let speed: Speed = 1
  let turn = 0
  let last = monotonic()
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of listeners) listener()
  }
  return {
    at: () => at,
    get playing() {
      return playing
    },
    get speed() {
      return speed
    },
    get turn() {
      return turn
    },
    play() {
      playing = true
      last = monotonic()
      tell()
    },
    pause() {
      playing = false
      tell()
    },
    seek(to) {
      at = to
      turn += 1
      last = monotonic()
      tell()
    },
    setSpeed(next) {
      speed = next
      tell()
    },
    advance(waiting) {
      const now = monotonic()
      const step = Math.min(now - last, LONGEST_STEP_MS)
      last = now
      if (playing && !waiting) at += step * speed
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
