import { fitIllumination } from './illumination.ts'

/** What is not background and keeps its looks: the memory of appear-and-stay, one pixel at a time. */
export interface Standing {
  readonly background: Float32Array
  /** Since when the pixel shows the same thing that is not background; NaN: it shows background or ever something else. */
  readonly since: Float64Array
  /** Share of the last seconds in which the pixel showed that thing, 0..1. */
  readonly steady: Float32Array
  /** Share of `zone` that differs from the background. */
  step(picture: Uint8Array, zone: Uint8Array, noise: number, nowMs: number, elapsedMs: number): number
  /** These pixels are background as they are now. */
  absorb(pixels: Int32Array, picture: Uint8Array): void
}

const LEAST_LEVELS = 12
const NOISE_SIGMAS = 5
const HABIT = 4
const HABIT_MS = 60_000
/** The background follows slow light within this time; a thing that stands is kept out of it. */
const FOLLOW_MS = 20_000
/** Memory of `steady`: what is hidden longer than about one of these has to begin anew. */
const STEADY_MS = 4_000
const FORGET_BELOW = 0.3

/** `background` is learned by a warm-up; it is owned and changed by what is returned. */
export function createStanding(background: Float32Array): Standing {
  const size = background.length
  const since = new Float64Array(size).fill(Number.NaN)
  const steady = new Float32Array(size)
  const looks = new Float32Array(size)
  const habit = new Float32Array(size)

  return {
    background,
    since,
    steady,
    step(picture, zone, noise, nowMs, elapsedMs) {
      const threshold = Math.max(LEAST_LEVELS, NOISE_SIGMAS * noise)
      const { gain, offset } = fitIllumination(picture, background, zone, threshold)
      const follow = 1 - Math.exp(-elapsedMs / FOLLOW_MS)
      const remember = 1 - Math.exp(-elapsedMs / STEADY_MS)
      const learn = 1 - Math.exp(-elapsedMs / HABIT_MS)
      let [different, area] = [0, 0]
      for (let i = 0; i < size; i++) {
        if (zone[i] === 0) continue
        area++
        const value = picture[i] as number
        const expected = gain * (background[i] as number) + offset
        const away = Math.abs(value - expected)
        const usual = habit[i] as number
        const foreign = away > Math.max(threshold, HABIT * usual)
        if (foreign) different++
        else habit[i] = usual + learn * (away - usual)
        // Where a thing covers it, the background still follows the light that the rest of the picture shows.
        const towards = foreign ? expected : value
        background[i] = (background[i] as number) + follow * (towards - (background[i] as number))

        if (Number.isNaN(since[i])) {
          if (foreign) begin(i, value, nowMs)
          continue
        }
        const same = foreign && Math.abs(value - (looks[i] as number)) <= threshold
        steady[i] = (steady[i] as number) + remember * ((same ? 1 : 0) - (steady[i] as number))
        if (same) looks[i] = (looks[i] as number) + follow * (value - (looks[i] as number))
        else if ((steady[i] as number) < FORGET_BELOW) {
          if (foreign) begin(i, value, nowMs)
          else since[i] = Number.NaN
        }
      }
      return area === 0 ? 0 : different / area
    },
    absorb(pixels, picture) {
      for (const i of pixels) {
        background[i] = picture[i] as number
        since[i] = Number.NaN
      }
    },
  }

  function begin(i: number, value: number, nowMs: number): void {
    since[i] = nowMs
    looks[i] = value
    steady[i] = 0.5
  }
}
