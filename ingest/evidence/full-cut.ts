import type { Box } from '../../core/geometry.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { FullCut, FullResolution } from '../../core/ports/full-resolution.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import type { Metrics } from '../../core/ports/telemetry.ts'
import type { EpochMs } from '../../core/units.ts'
import type { Fragment, InitSegment } from '../hub/fragment.ts'
import type { RecentFragments } from '../ring/recent.ts'
import { decodeStill, type StillPart } from './still.ts'

/** Analysis goes on without it after so long: pictures wait meanwhile. */
const LIMIT_MS = 1_000
/** A machine that is too slow for one is left alone for so long… */
const REST_MS = 10_000
/** …and a camera whose key frame could not be read for so long: where each picture is one, each would be tried. */
const BROKEN_MS = 1_000
/** Longest side that is handed on: no model takes in more. */
const LONGEST = 640
/** A picture must be so many times wider than the analysis picture: below, a look costs more than it can show. */
const WORTH = 1.5

/** Parts of key frames for all cameras of a worker, one at a time. */
export interface FullCuts {
  /** `recent`: what the camera's recording holds in memory. */
  of(camera: string, recent: () => RecentFragments | null): FullResolution
}

export function createFullCuts(deps: {
  readonly mediaTools: MediaTools
  readonly clock: Clock
  readonly metrics: Metrics
  /** Width of the analysis picture, pixels. */
  readonly analysisWidth: number
  readonly limitMs?: number
}): FullCuts {
  const { mediaTools, clock, metrics, analysisWidth, limitMs = LIMIT_MS } = deps
  let busy = false
  let restUntil = Number.NEGATIVE_INFINITY

  async function decode(
    init: InitSegment,
    key: Fragment,
    region: Box,
  ): Promise<FullCut | 'late' | 'damaged'> {
    const part = partOf(region, init)
    const limit = new AbortController()
    const done = new AbortController()
    clock.sleep(limitMs, done.signal).then(
      () => limit.abort(),
      () => undefined, // it came in time
    )
    try {
      const { bytes, timescale } = init
      const ticks = (key.mediaMs * timescale) / 1000
      const coded = { init: bytes, timescale, coded: [key.bytes], ticks, capturedAt: key.capturedAt }
      const still = await decodeStill(coded, mediaTools, { part, signal: limit.signal })
      if (limit.signal.aborted) restUntil = clock.now() + REST_MS
      if (!still) return limit.signal.aborted ? 'late' : 'damaged'
      return { ...still, place: placeOf(part, init) }
    } finally {
      done.abort()
    }
  }

  return {
    of(camera, recent) {
      /** One try a key frame: what failed once fails again, and what was cut was looked at. */
      let tried: Fragment | null = null
      let brokenUntil = Number.NEGATIVE_INFINITY

      async function cut(region: Box, notBefore: EpochMs): Promise<FullCut | string> {
        const held = recent()
        if (held && held.init.width < WORTH * analysisWidth) return 'not_larger'
        const key = held?.fragments.findLast((fragment) => fragment.key)
        if (!held || !key || key === tried || key.capturedAt < notBefore) return 'no_newer_key'
        if (busy || clock.now() < Math.max(restUntil, brokenUntil)) return 'busy'
        busy = true
        tried = key
        try {
          const made = await decode(held.init, key, region)
          if (made === 'damaged') brokenUntil = clock.now() + BROKEN_MS
          return made
        } catch {
          brokenUntil = clock.now() + BROKEN_MS
          return 'failed' // ffmpeg could not be started: the decoder says so too
        } finally {
          busy = false
        }
      }

      return {
        async cut(region, notBefore) {
          const made = await cut(region, notBefore)
          const isMade = typeof made !== 'string'
          metrics.count('full_cuts_total', { camera, result: isMade ? 'done' : made })
          return isMade ? made : null
        },
      }
    },
  }
}

/** The region in pixels, even on all sides. */
function partOf([l, t, r, b]: Box, { width, height }: InitSegment): StillPart {
  const [left, top] = [2 * Math.floor((l * width) / 2), 2 * Math.floor((t * height) / 2)]
  const [right, bottom] = [Math.min(width, Math.ceil(r * width)), Math.min(height, Math.ceil(b * height))]
  const even = (length: number) => Math.max(2, length - (length % 2))
  return { left, top, width: even(right - left), height: even(bottom - top), longest: LONGEST }
}

const placeOf = ({ left, top, width: w, height: h }: StillPart, { width, height }: InitSegment): Box => [
  left / width,
  top / height,
  (left + w) / width,
  (top + h) / height,
]
