import { fitIllumination } from './illumination.ts'

/** What is not background and keeps its looks: the memory of appear-and-stay, one pixel at a time. */
export interface Standing {
  /** One of each layer. */
  readonly background: readonly Float32Array[]
  /** Since when the pixel shows the same thing that is not background; NaN: it shows background or ever something else. */
  readonly since: Float64Array
  /** Share of the last seconds in which the pixel showed that thing, 0..1. */
  readonly steady: Float32Array
  /** Share of `zone` that differs from the background. */
  step(
    layers: readonly Uint8Array[],
    zone: Uint8Array,
    noise: number,
    nowMs: number,
    elapsedMs: number,
  ): number
  /** These pixels are background as they are now. */
  absorb(pixels: Int32Array, layers: readonly Uint8Array[]): void
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

/** `background` is learned by a warm-up, one array a layer (luma first); it is owned and changed by what is returned. */
export function createStanding(background: readonly Float32Array[]): Standing {
  const size = background[0]?.length ?? 0
  const since = new Float64Array(size).fill(Number.NaN)
  const steady = new Float32Array(size)
  const habit = new Float32Array(size)
  const looks = background.map(() => new Float32Array(size))
  /** Difference from the background and from the remembered looks, the largest over the layers. */
  const away = new Float32Array(size)
  const changed = new Float32Array(size)

  const compare = (layers: readonly Uint8Array[], zone: Uint8Array, threshold: number) => {
    away.fill(0)
    changed.fill(0)
    return layers.map((layer, n) => {
      const [ground, look] = [background[n] as Float32Array, looks[n] as Float32Array]
      const fit = fitIllumination(layer, ground, zone, threshold)
      for (let i = 0; i < size; i++) {
        if (zone[i] === 0) continue
        const value = layer[i] as number
        const differs = Math.abs(value - (fit.gain * (ground[i] as number) + fit.offset))
        if (differs > (away[i] as number)) away[i] = differs
        const altered = Math.abs(value - (look[i] as number))
        if (altered > (changed[i] as number)) changed[i] = altered
      }
      return fit
    })
  }

  return {
    background,
    since,
    steady,
    step(layers, zone, noise, nowMs, elapsedMs) {
      const threshold = Math.max(LEAST_LEVELS, NOISE_SIGMAS * noise)
      const lights = compare(layers, zone, threshold)
      const follow = 1 - Math.exp(-elapsedMs / FOLLOW_MS)
      const remember = 1 - Math.exp(-elapsedMs / STEADY_MS)
      const learn = 1 - Math.exp(-elapsedMs / HABIT_MS)
      let different = 0
      let area = 0
      for (let i = 0; i < size; i++) {
        if (zone[i] === 0) continue
        area++
        const usual = habit[i] as number
        const foreign = (away[i] as number) > Math.max(threshold, HABIT * usual)
        if (foreign) different++
        else habit[i] = usual + learn * ((away[i] as number) - usual)
        for (let n = 0; n < layers.length; n++) {
          const ground = background[n] as Float32Array
          const level = ground[i] as number
          // Where a thing covers it, the background still follows the light that the rest of the picture shows.
          const light = lights[n] as { readonly gain: number; readonly offset: number }
          const towards = foreign
            ? light.gain * level + light.offset
            : ((layers[n] as Uint8Array)[i] as number)
          ground[i] = level + follow * (towards - level)
        }
        if (Number.isNaN(since[i])) {
          if (foreign) begin(i, layers, nowMs)
          continue
        }
        const same = foreign && (changed[i] as number) <= threshold
        steady[i] = (steady[i] as number) + remember * ((same ? 1 : 0) - (steady[i] as number))
        if (same) {
          for (let n = 0; n < layers.length; n++) {
            const look = looks[n] as Float32Array
            const level = look[i] as number
            look[i] = level + follow * (((layers[n] as Uint8Array)[i] as number) - level)
          }
        } else if ((steady[i] as number) < FORGET_BELOW) {
          if (foreign) begin(i, layers, nowMs)
          else since[i] = Number.NaN
        }
      }
      return area === 0 ? 0 : different / area
    },
    absorb(pixels, layers) {
      for (const i of pixels) {
        background.forEach((ground, n) => {
          ground[i] = (layers[n] as Uint8Array)[i] as number
        })
        since[i] = Number.NaN
      }
    },
  }

  function begin(i: number, layers: readonly Uint8Array[], nowMs: number): void {
    since[i] = nowMs
    steady[i] = 0.5
    looks.forEach((look, n) => {
      look[i] = (layers[n] as Uint8Array)[i] as number
    })
  }
}
