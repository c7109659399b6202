import type { Detection, Frame } from '../../core/frame.ts'
import type { Box, Polygon } from '../../core/geometry.ts'
import type { Detector } from '../../core/ports/detector.ts'
import type { FullResolution } from '../../core/ports/full-resolution.ts'
import type { Metrics } from '../../core/ports/telemetry.ts'
import type { Picture } from '../pixels/scene.ts'
import { shareInside } from '../rules/within.ts'
import { createFullLook } from './full-look.ts'
import { closerRegion, cutFrame, isTwice, mergeLooks, regionOfInterest } from './second-look.ts'

/** Where nothing was found, what moves is looked at again at most this often. */
const MOVING_EVERY_MS = 2_000
/** Where such a look found something, it is looked at in every picture for so long: k of n of them make an event. */
const SUSPECT_MS = 5_000
/** Weaker finds than this share of what counts as found are no reason to look again: each picture has some. */
const WORTH = 0.5
/** Changed pixels of the plane from which on something moves. */
const LEAST_PIXELS = 24

/**
 * The model's second look at a part of the picture: at most one run more a picture, none while frames wait.
 *
 * Where it is left out (busy, failed, dropped), the first look counts in full. A loaded machine must not lose a fire, and half the score
 * would lose it: no flame that the first look gives less than twice its limit would be told. What the second look keeps away is then
 * kept away by the rule alone, which asks for the same find in most pictures of 5 s, and for a place that stirs; false alarms
 * may be more. `second_looks_total{result="skipped"}` says how often.
 */
export interface CloserLook {
  /** What both looks say; `found` itself where there is no second one. Counted in `second_looks_total{result}`. */
  look(
    frame: Frame,
    found: readonly Detection[],
    picture: Picture,
    nowMs: number,
  ): Promise<readonly Detection[]>
}

export function createCloserLook(deps: {
  readonly camera: string
  /** Null: no rule of the camera asks for fire or smoke, or no model looks. */
  readonly detector: Detector | null
  readonly metrics: Metrics
  /** Absent: every second look is cut from the analysis picture. */
  readonly full?: FullResolution | undefined
  /** What the model may not see in full resolution. */
  readonly privacy?: readonly Polygon[]
}): CloserLook {
  const { camera, detector, metrics, full, privacy = [] } = deps
  const fullLook = detector && full ? createFullLook({ detector, full, privacy }) : null
  let movedMs = Number.NEGATIVE_INFINITY
  /** `close`: round what was found there. Full resolution shows it larger; the analysis picture has no more to show. */
  let suspect: { readonly region: Box; readonly close: Box; readonly untilMs: number } | null = null
  const isWorth = ({ label, score }: Detection) => score >= WORTH * (detector?.operatingPoints?.[label] ?? 0)
  // In full resolution the polygon is blank: a find that reaches into it would not be borne out.
  const reachesIn = ({ box }: Detection) => privacy.some((polygon) => shareInside(box, polygon) > 0)
  const note = (result: string) => metrics.count('second_looks_total', { camera, result })

  return {
    async look(frame, found, picture, nowMs) {
      if (!detector) return found
      if (suspect && nowMs >= suspect.untilMs) suspect = null
      const candidates = found.filter(isWorth)
      const seen = regionOfInterest(frame, candidates, null)
      const moves = (seen ?? suspect) ? null : nowMs - movedMs >= MOVING_EVERY_MS ? movingBox(picture) : null
      const region = seen ?? suspect?.region ?? regionOfInterest(frame, [], moves)
      if (!region) return found
      if (detector.busy?.() === true) {
        note('skipped')
        return found
      }
      if (moves) movedMs = nowMs
      // Not for what merely moves: all day long something does.
      const close = seen ?? suspect?.close
      let second: Awaited<ReturnType<typeof lookAt>>
      try {
        second =
          (close && !candidates.some(reachesIn) && (await fullLook?.look(frame, close, nowMs))) ||
          (await lookAt(detector, frame, region))
      } catch {
        // The first look stands. Where the detector itself is broken, that of the next picture fails, and says so.
        note('failed')
        return found
      }
      note(second.result)
      if (second.found === null) return found
      const worth = second.found.filter((find) => isTwice(find) && isWorth(find))
      if (!seen && worth.length > 0)
        suspect = {
          region,
          close: closerRegion(frame, worth, second.place) ?? close ?? region,
          untilMs: nowMs + SUSPECT_MS,
        }
      // It saw less of the picture than the region: what else is in it must not wait for the suspicion to end.
      else if (!seen && second.result === 'done_full') suspect = null
      return mergeLooks(found, second.found, second.place)
    },
  }
}

async function lookAt(detector: Detector, frame: Frame, region: Box) {
  const { cut, place } = cutFrame(frame, region)
  const found = await detector.detect(cut)
  return { found, place, result: found === null ? 'dropped' : 'done' }
}

/** Round all pixels that changed; null: too few did. */
function movingBox({ plane: { width, height }, changed }: Picture): Box | null {
  let [left, top, right, bottom, count] = [width, height, 0, 0, 0]
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (changed[y * width + x] === 0) continue
      count += 1
      if (x < left) left = x
      if (x >= right) right = x + 1
      if (y < top) top = y
      bottom = y + 1
    }
  return count < LEAST_PIXELS ? null : [left / width, top / height, right / width, bottom / height]
}
