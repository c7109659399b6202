import { fitIllumination } from './illumination.ts'
import { keepDense } from './morphology.ts'

/** Least difference in levels that counts as a change, whatever the noise: key frames alone shift textures this much. */
const LEAST_LEVELS = 10
/** So many standard deviations of the noise: one pixel in three million by chance. */
const NOISE_SIGMAS = 5
/** A pixel that always flickers (leaves, water, a screen) must exceed its own habit this many times. */
const HABIT = 3
const FOLLOW_MS = 8_000
const HABIT_MS = 60_000

/** What is different from a moment ago, whatever stands in the picture: new things become background in seconds. */
export interface AdaptiveBackground {
  /** Mask of changed pixels, cleaned of single ones; a buffer that the next call overwrites. */
  step(picture: Uint8Array, usable: Uint8Array, noise: number, elapsedMs: number): Uint8Array
  reset(): void
}

/** Running mean and running absolute deviation a pixel, light removed first. Time constants are in time, not pictures. */
export function createAdaptiveBackground(width: number, height: number): AdaptiveBackground {
  const mean = new Float32Array(width * height)
  const habit = new Float32Array(width * height)
  const raw = new Uint8Array(width * height)
  const clean = new Uint8Array(width * height)
  let started = false

  return {
    step(picture, usable, noise, elapsedMs) {
      if (!started) {
        mean.set(picture)
        habit.fill(0)
        started = true
        return clean.fill(0)
      }
      const threshold = Math.max(LEAST_LEVELS, NOISE_SIGMAS * noise)
      const { gain, offset } = fitIllumination(picture, mean, usable, threshold)
      const follow = 1 - Math.exp(-elapsedMs / FOLLOW_MS)
      const learn = 1 - Math.exp(-elapsedMs / HABIT_MS)
      for (let i = 0; i < picture.length; i++) {
        const value = picture[i] as number
        const away = Math.abs(value - (gain * (mean[i] as number) + offset))
        const usual = habit[i] as number
        raw[i] = usable[i] === 1 && away > Math.max(threshold, HABIT * usual) ? 1 : 0
        habit[i] = usual + learn * (away - usual)
        mean[i] = (mean[i] as number) + follow * (value - (mean[i] as number))
      }
      return keepDense(raw, width, height, 5, clean)
    },
    reset() {
      started = false
    },
  }
}
