/** How a picture differs from a reference by light alone: `picture ≈ gain · reference + offset`. */
export interface Illumination {
  readonly gain: number
  readonly offset: number
  /** Share of the looked-at pixels that this explains within the tolerance, 0..1. */
  readonly explained: number
}

const SAME: Illumination = { gain: 1, offset: 0, explained: 1 }
/** Every fifth pixel is enough for two numbers. */
const STEP = 5

/** A fit that explains this much needs no second try. */
const GOOD = 0.8

/**
 * Robust fit over the pixels of `mask`: from "the same light, shifted by the median difference" it is refined by least
 * squares over what it explains, so that a bus in the picture is no change of the light. Where that explains little (a
 * lamp was switched), the plain least squares is refined as well and the better of the two is taken. Gain: 0.2 to 5.
 */
export function fitIllumination(
  picture: Uint8Array,
  reference: ArrayLike<number>,
  mask: Uint8Array,
  tolerance: number,
): Illumination {
  const refine = (start: Illumination | null): Illumination => {
    let fit = start
    for (let pass = 0; pass < 2; pass++) fit = refit(picture, reference, mask, fit, tolerance)
    return withExplained(fit ?? SAME, picture, reference, mask, tolerance)
  }
  const shifted = refine({ gain: 1, offset: medianDifference(picture, reference, mask), explained: 0 })
  if (shifted.explained >= GOOD) return shifted
  const free = refine(null)
  return free.explained > shifted.explained ? free : shifted
}

function withExplained(
  { gain, offset }: Illumination,
  picture: Uint8Array,
  reference: ArrayLike<number>,
  mask: Uint8Array,
  tolerance: number,
): Illumination {
  let looked = 0
  let explained = 0
  for (let i = 0; i < picture.length; i += STEP) {
    if (mask[i] === 0) continue
    looked++
    if (Math.abs((picture[i] as number) - gain * (reference[i] as number) - offset) <= tolerance) explained++
  }
  return { gain, offset, explained: looked === 0 ? 1 : explained / looked }
}

function medianDifference(picture: Uint8Array, reference: ArrayLike<number>, mask: Uint8Array): number {
  const counts = new Uint32Array(511)
  let n = 0
  for (let i = 0; i < picture.length; i += STEP) {
    if (mask[i] === 0) continue
    const level = Math.round((picture[i] as number) - (reference[i] as number)) + 255
    counts[level] = (counts[level] as number) + 1
    n++
  }
  let below = 0
  for (let level = 0; level < 511; level++) {
    below += counts[level] as number
    if (n > 0 && below * 2 >= n) return level - 255
  }
  return 0
}

function refit(
  picture: Uint8Array,
  reference: ArrayLike<number>,
  mask: Uint8Array,
  last: Illumination | null,
  tolerance: number,
): Illumination {
  let n = 0
  let sr = 0
  let sp = 0
  let srr = 0
  let srp = 0
  for (let i = 0; i < picture.length; i += STEP) {
    if (mask[i] === 0) continue
    const r = reference[i] as number
    const p = picture[i] as number
    // Clipped pixels say nothing about the light.
    if (p >= 254 || p <= 1) continue
    if (last && Math.abs(p - (last.gain * r + last.offset)) > tolerance * 2) continue
    n++
    sr += r
    sp += p
    srr += r * r
    srp += r * p
  }
  if (n < 16) return last ?? SAME
  const variance = srr / n - (sr / n) ** 2
  // A flat reference has no gain to speak of; all of the difference is offset.
  const gain = variance < 25 ? 1 : Math.min(5, Math.max(0.2, (srp / n - (sr / n) * (sp / n)) / variance))
  return { gain, offset: sp / n - gain * (sr / n), explained: 0 }
}
