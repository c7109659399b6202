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
  const foreign = new Uint8Array(size)
  /** The pixel still shows the thing that it is remembered by. */
  const kept = new Uint8Array(size)

  return {
    background,
    since,
    steady,
    step(layers, zone, noise, nowMs, elapsedMs) {
      const threshold = Math.max(LEAST_LEVELS, NOISE_SIGMAS * noise)
      away.fill(0)
      const lights = layers.map((layer, n) => {
        const ground = background[n] as Float32Array
        const light = fitIllumination(layer, ground, zone, threshold)
        raiseToDifference(away, layer, ground, zone, light)
        return light
      })
      const follow = 1 - Math.exp(-elapsedMs / FOLLOW_MS)
      const remember = 1 - Math.exp(-elapsedMs / STEADY_MS)
      const learn = 1 - Math.exp(-elapsedMs / HABIT_MS)
      let different = 0
      let area = 0
      for (let i = 0; i < size; i++) {
        foreign[i] = 0
        if (zone[i] === 0) continue
        area++
        const usual = habit[i] as number
        if ((away[i] as number) > Math.max(threshold, HABIT * usual)) {
          foreign[i] = 1
          different++
        } else habit[i] = usual + learn * ((away[i] as number) - usual)
      }
      changed.fill(0)
      layers.forEach((layer, n) => {
        followGround(background[n] as Float32Array, layer, zone, foreign, lights[n] ?? AS_IT_IS, follow)
        if (different > 0) raiseToDifference(changed, layer, looks[n] as Float32Array, foreign, AS_IT_IS)
      })
      for (let i = 0; i < size; i++) {
        kept[i] = 0
        if (zone[i] === 0) continue
        if (Number.isNaN(since[i])) {
          if (foreign[i] === 1) begin(i, layers, nowMs)
          continue
        }
        const same = foreign[i] === 1 && (changed[i] as number) <= threshold
        steady[i] = (steady[i] as number) + remember * ((same ? 1 : 0) - (steady[i] as number))
        if (same) kept[i] = 1
        else if ((steady[i] as number) < FORGET_BELOW) {
          if (foreign[i] === 1) begin(i, layers, nowMs)
          else since[i] = Number.NaN
        }
      }
      if (different > 0) {
        layers.forEach((layer, n) => {
          followKept(looks[n] as Float32Array, layer, kept, follow)
        })
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

interface Light {
  readonly gain: number
  readonly offset: number
}

const AS_IT_IS: Light = { gain: 1, offset: 0 }

// Plain loops over typed arrays that are given as arguments: a step took 3.7 ms so, 4.8 ms in closures over them.

/** Raises `most` to the difference of `layer` from `reference` under this light, where `mask` is set. */
function raiseToDifference(
  most: Float32Array,
  layer: Uint8Array,
  reference: Float32Array,
  mask: Uint8Array,
  light: Light,
): void {
  const { gain, offset } = light
  for (let i = 0; i < most.length; i++) {
    if (mask[i] === 0) continue
    const difference = Math.abs((layer[i] as number) - (gain * (reference[i] as number) + offset))
    if (difference > (most[i] as number)) most[i] = difference
  }
}

/** Where a thing covers it, the background still follows the light that the rest of the picture shows. */
function followGround(
  ground: Float32Array,
  layer: Uint8Array,
  zone: Uint8Array,
  foreign: Uint8Array,
  { gain, offset }: Light,
  follow: number,
): void {
  for (let i = 0; i < ground.length; i++) {
    if (zone[i] === 0) continue
    const level = ground[i] as number
    const towards = foreign[i] === 1 ? gain * level + offset : (layer[i] as number)
    ground[i] = level + follow * (towards - level)
  }
}

function followKept(look: Float32Array, layer: Uint8Array, kept: Uint8Array, follow: number): void {
  for (let i = 0; i < look.length; i++) {
    if (kept[i] === 1) look[i] = (look[i] as number) + follow * ((layer[i] as number) - (look[i] as number))
  }
}
