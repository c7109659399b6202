import type { Frame } from '../../core/frame.ts'
import { type Polygon, WHOLE_PICTURE } from '../../core/geometry.ts'
import { type AdaptiveBackground, createAdaptiveBackground } from './background.ts'
import { wholeChange } from './cut.ts'
import { createHistogram } from './histogram.ts'
import { type Mask, polygonMask } from './mask.ts'
import { createNoiseLevel, pairDifference } from './noise.ts'
import { type Plane, shrink } from './plane.ts'

/** What plain image analysis says of one picture, shared by all rules of a camera. */
export interface Picture {
  readonly plane: Plane
  /** Pixels outside every privacy polygon. */
  readonly usable: Mask
  /** Standard deviation of the sensor noise in the plane, levels. */
  readonly noise: number
  /** Time since the picture before, ms; 0 for the first and after a restart. */
  readonly elapsedMs: number
  /** Why everything learned from earlier pictures is void from this one on; null: it is the same scene. */
  readonly restart: string | null
  /** Nothing was seen before this picture. */
  readonly first: boolean
  /** The light changed at once: a lamp was switched, the camera set its exposure. */
  readonly lightStep: boolean
  /** Pixels that changed against the last seconds, light removed, cleaned of noise. Valid until the next picture. */
  readonly changed: Uint8Array
}

export interface Scene {
  /** `nowMs` is the watcher's own time line, which never goes back. */
  step(frame: Frame, nowMs: number): Picture
}

/** One camera's pictures in order → facts about each. Holds the only copies that more than one rule needs. */
export function createScene(options: { readonly privacy: readonly Polygon[] }): Scene {
  const noise = createNoiseLevel()
  const histogram = createHistogram()
  let planes: [Plane | undefined, Plane | undefined] = [undefined, undefined]
  let usable: Mask | null = null
  let background: AdaptiveBackground | null = null
  let lastMs = 0

  return {
    step(frame, nowMs) {
      const plane = shrink(frame, planes[1])
      const before = planes[0]
      planes = [plane, before]
      const resized = !usable || usable.width !== plane.width || usable.height !== plane.height
      if (resized || !usable || !background) {
        usable = polygonMask(WHOLE_PICTURE, plane, options.privacy)
        background = createAdaptiveBackground(plane.width, plane.height)
      }
      const elapsedMs = before && !resized ? nowMs - lastMs : 0
      // A new connection to the same view is the same scene: the pictures themselves say whether it is.
      let restart =
        before === undefined || resized
          ? 'the first picture'
          : frame.discontinuity
            ? 'the source jumped'
            : null
      let lightStep = false
      if (restart === null && before) {
        const { sigma, meanAbs } = pairDifference(plane.data, before.data, usable.data, histogram)
        const whole = wholeChange(plane.data, before.data, usable.data, noise.sigma, meanAbs)
        lightStep = whole.lightStep
        if (whole.cut) restart = 'most of the picture changed at once'
        else if (!lightStep) noise.add(sigma, elapsedMs)
      }
      if (restart !== null) {
        noise.reset()
        background.reset()
      }
      lastMs = nowMs
      const changed = background.step(plane.data, usable.data, noise.sigma, elapsedMs)
      return {
        plane,
        usable,
        noise: noise.sigma,
        elapsedMs: restart === null ? elapsedMs : 0,
        restart,
        first: before === undefined,
        lightStep,
        changed,
      }
    },
  }
}
