import { createHistogram } from './histogram.ts'

/** The sky where nothing is in front of it, one pixel at a time. */
export interface Sky {
  /** Level that four fifths of the zone are below: the bright sky itself, also when a plume fills most of the zone. */
  readonly brightness: number
  /** Darkness of each pixel against the sky behind it, 0..1, light of the whole zone removed; 0 for what is no sky. */
  readonly darkness: Float32Array
  /** 1: always dark (a chimney, a roof), never judged. */
  readonly structure: Uint8Array
  /** Pixels that can be judged. */
  readonly judged: number
  /** `held`: pixels whose darkness is suspected to be a plume and must not become sky. */
  step(picture: Uint8Array, held: Uint8Array, elapsedMs: number): void
}

const BRIGHT = 0.8
/** Against the bright sky, what is darker than this from the start is something that stands there. */
const STRUCTURE = 0.7
/** Brighter is sky at once, so that a plume that was there from the start is found when the wind moves it. */
const RISE_MS = 3_000
/** Darker is sky slowly: clouds take their time, a plume does not. */
const FALL_MS = 20_000

export function createSky(background: Float32Array, zone: Uint8Array): Sky {
  const size = background.length
  const darkness = new Float32Array(size)
  const structure = new Uint8Array(size)
  const histogram = createHistogram()
  let brightness = 0
  let judged = 0

  const bright = (levels: ArrayLike<number>) => {
    histogram.clear()
    for (let i = 0; i < size; i++)
      if (zone[i] === 1) histogram.add(Math.min(255, Math.round(levels[i] as number)))
    return Math.max(1, histogram.percentile(BRIGHT))
  }

  return {
    darkness,
    structure,
    get brightness() {
      return brightness
    },
    get judged() {
      return judged
    },
    step(picture, held, elapsedMs) {
      brightness = bright(picture)
      const usual = bright(background)
      const light = brightness / usual
      const rise = 1 - Math.exp(-elapsedMs / RISE_MS)
      const fall = 1 - Math.exp(-elapsedMs / FALL_MS)
      judged = 0
      for (let i = 0; i < size; i++) {
        darkness[i] = 0
        if (zone[i] === 0) continue
        const sky = background[i] as number
        const value = (picture[i] as number) / light
        structure[i] = sky < STRUCTURE * usual ? 1 : 0
        if (structure[i] === 0) {
          judged++
          darkness[i] = Math.max(0, 1 - value / sky)
        }
        const pace = value > sky ? rise : held[i] === 1 ? 0 : fall
        background[i] = sky + pace * (value - sky)
      }
    },
  }
}
