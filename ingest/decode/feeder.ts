import type { Fragment } from '../hub/fragment.ts'

/** A fragment to write to the decoder; `wanted`: its picture is asked for. */
export interface Feed {
  readonly fragment: Fragment
  readonly wanted: boolean
}

/**
 * Decides which fragments the decoder gets. What it got of the current GOP is always a prefix of it in coding order,
 * so references exist: `sentry` feeds the key frame (and what pushes it out), `full` everything; the change to full
 * first feeds the rest of the GOP that is under way.
 */
export interface Feeder {
  readonly level: 'sentry' | 'full'
  /** Fragments after a key frame that push it out of a decoder that reorders. */
  readonly companions: number
  /** Longest time from a key frame to a later frame before the next one, in this connection. */
  readonly longestGopMs: number
  /** Latest media time offered; -Infinity before the first. */
  readonly latestMs: number
  offer(fragment: Fragment): readonly Feed[]
  setLevel(level: 'sentry' | 'full'): readonly Feed[]
  /** The stream was seen to need companions although it does not look so. */
  needCompanions(): void
  /** The decoder is a new one: it has nothing of the current GOP. Answers what it gets of it now. */
  restart(): readonly Feed[]
  /** The decoder is behind: nothing more before the next key frame. */
  skipToKey(): void
  /** A new connection, or a jump of the clock. */
  reset(): void
}

/** Where the stream reorders, a key frame comes out after the next three fragments (tried with three B-frames). */
export const REORDER_COMPANIONS = 3
/** Streams of key frames only (MJPEG) are not decoded in full in sentry. */
const SENTRY_MIN_INTERVAL_MS = 400
/** A longer GOP is not kept for catching up: the change to full then waits for the next key frame. */
const MAX_GOP_BYTES = 16 << 20

/** A clock that jumps makes one of the two ways of measuring long, never both. */
const gapMs = (from: Fragment, to: Fragment): number =>
  Math.min(to.mediaMs - from.mediaMs, to.arrivedAt - from.arrivedAt)

export function createFeeder(): Feeder {
  let level: 'sentry' | 'full' = 'sentry'
  let gop: Fragment[] = []
  let gopBytes = 0
  /** Length of the fed prefix of `gop`; null: the GOP is not usable (joined in the middle, too long, skipped). */
  let prefix: number | null = null
  let lastSentryKeyMs: number | null = null
  let key: Fragment | null = null
  let latestMs = Number.NEGATIVE_INFINITY
  let reorders = false
  let asked = false
  let longestGopMs = 0

  const companions = () => (reorders || asked ? REORDER_COMPANIONS : 0)

  function take(): Feed[] {
    const first = gop[0]
    if (prefix === null || !first || (level === 'sentry' && !first.key)) return []
    const upTo = level === 'full' ? gop.length : Math.min(gop.length, sentryLength(first))
    const feeds = gop
      .slice(prefix, upTo)
      .map((fragment) => ({ fragment, wanted: level === 'full' || fragment.key }))
    if (prefix === 0 && feeds[0]) lastSentryKeyMs = feeds[0].fragment.mediaMs
    prefix = Math.max(prefix, upTo)
    return feeds
  }

  function sentryLength(first: Fragment): number {
    const passed =
      lastSentryKeyMs === null ? Number.POSITIVE_INFINITY : Math.abs(first.mediaMs - lastSentryKeyMs)
    if (prefix === 0 && passed < SENTRY_MIN_INTERVAL_MS) return 0
    return 1 + companions()
  }

  function startGop(fragment: Fragment): void {
    gop = []
    gopBytes = 0
    prefix = 0
    key = fragment
  }

  return {
    get level() {
      return level
    },
    get companions() {
      return companions()
    },
    get longestGopMs() {
      return longestGopMs
    },
    get latestMs() {
      return latestMs
    },
    offer(fragment) {
      if (key) longestGopMs = Math.max(longestGopMs, gapMs(key, fragment))
      if (fragment.mediaMs < latestMs) reorders = true
      latestMs = Math.max(latestMs, fragment.mediaMs)
      if (fragment.key) startGop(fragment)
      if (prefix === null) return []
      gop.push(fragment)
      gopBytes += fragment.bytes.length
      const feeds = take()
      if (gopBytes > MAX_GOP_BYTES && level === 'full' && prefix === gop.length) {
        // Everything is fed: only the count of the prefix goes on.
        gop = []
        prefix = 0
        gopBytes = 0
      } else if (gopBytes > MAX_GOP_BYTES) {
        prefix = null
        gop = []
      }
      return feeds
    },
    setLevel(next) {
      level = next
      return take()
    },
    needCompanions() {
      asked = true
    },
    restart() {
      // A GOP whose start was let go cannot be fed again.
      prefix = gop[0]?.key ? 0 : null
      lastSentryKeyMs = null
      return take()
    },
    skipToKey() {
      prefix = null
      gop = []
    },
    reset() {
      gop = []
      gopBytes = 0
      prefix = null
      lastSentryKeyMs = null
      key = null
      longestGopMs = 0
      latestMs = Number.NEGATIVE_INFINITY
    },
  }
}
