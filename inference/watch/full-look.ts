import type { Detection, Frame } from '../../core/frame.ts'
import { type Box, boxArea, intersectionArea, type Polygon } from '../../core/geometry.ts'
import type { Detector } from '../../core/ports/detector.ts'
import type { FullCut, FullResolution } from '../../core/ports/full-resolution.ts'
import { blankPolygons } from '../masking/pixelate.ts'

/**
 * The key frame may be up to a GOP older than the picture: what burns or smokes stays where it is for seconds and grows, so that
 * its pixels of a moment ago say as much. Past this, they may show what is over.
 */
const OLDEST_MS = 3_000
/** A camera whose every picture is a key frame (MJPEG) is cut no more often. */
const EVERY_MS = 1_000
/**
 * So long a look at a key frame stands for the pictures that follow it. Less than the 2 s that fire and smoke must last: two
 * key frames at least have to say the same before there is an alarm, and a wrong one raises none. (A rule whose own `for` is shorter
 * has chosen otherwise.)
 */
const STANDS_MS = 1_500
/** Share of a region that the last look must have shown to stand for it. */
const SHOWN = 0.8

interface Look {
  /** Null: the detector dropped it for a newer one. In shares of `place`. */
  readonly found: readonly Detection[] | null
  readonly place: Box
  readonly result: 'done_full' | 'kept_full' | 'dropped'
}

/** Second looks in the camera's own resolution, where there is more to see than in the analysis picture. */
export interface FullLook {
  /** Null: the analysis picture has to do. Throws when the model fails. */
  look(frame: Frame, region: Box, nowMs: number): Promise<Look | null>
}

export function createFullLook(deps: {
  readonly detector: Detector
  readonly full: FullResolution
  readonly privacy: readonly Polygon[]
}): FullLook {
  const { detector, full, privacy } = deps
  let askedMs = Number.NEGATIVE_INFINITY
  let last: { readonly found: readonly Detection[]; readonly place: Box; readonly atMs: number } | null = null

  const stands = (region: Box, nowMs: number): Look | null => {
    if (!last || nowMs - last.atMs >= STANDS_MS) return null
    const { found, place } = last
    if (intersectionArea(region, place) < SHOWN * boxArea(region)) return null
    return { found, place, result: 'kept_full' }
  }

  return {
    async look(frame, region, nowMs) {
      if (nowMs - askedMs < EVERY_MS) return stands(region, nowMs)
      const cut = await full.cut(region, frame.capturedAt - OLDEST_MS)
      if (!cut) return stands(region, nowMs)
      askedMs = nowMs
      const { place } = cut
      const found = await detector.detect(frameOf(frame, cut, privacy))
      last = found && { found, place, atMs: nowMs }
      return { found, place, result: found ? 'done_full' : 'dropped' }
    },
  }
}

/** What a privacy polygon covers never reaches the model in full resolution. */
function frameOf(frame: Frame, cut: FullCut, privacy: readonly Polygon[]): Frame {
  const { width, height, rgb, capturedAt } = cut
  const [left, top, right, bottom] = cut.place
  blankPolygons(
    { width, height, rgb },
    privacy.map((polygon) =>
      polygon.map(([x, y]) => [(x - left) / (right - left), (y - top) / (bottom - top)] as const),
    ),
  )
  // A name of its own: the detector drops older frames of one camera, and the first look may still be in line.
  return { ...frame, cameraId: `${frame.cameraId} (full look)`, width, height, rgb, capturedAt, key: true }
}
