/** How a picture differs from a reference by light alone: `picture ≈ gain · reference + offset`. */
export interface Illumination {
  readonly gain: number
  readonly offset: number
  /** Share of the looked-at pixels that this explains within the tolerance, 0..1. */
  readonly explained: number
}

const SAME: Illumination = { gain: 1, offset: 0, explained: 1 }
/** Every third pixel is enough for two numbers. */
const STEP = 3

/**
 * Least squares over the pixels of `mask`, three times, each time without what the last fit does not explain: a bus
 * in the picture must not look like a change of the light. Gain is kept within 0.2 to 5.
 */
export function fitIllumination(
  picture: Uint8Array,
  reference: ArrayLike<number>,
  mask: Uint8Array,
  tolerance: number,
): Illumination {
  let fit = SAME
  for (let pass = 0; pass < 3; pass++)
    fit = refit(picture, reference, mask, pass === 0 ? null : fit, tolerance)
  let looked = 0
  let explained = 0
  for (let i = 0; i < picture.length; i += STEP) {
    if (mask[i] === 0) continue
    looked++
    const expected = fit.gain * (reference[i] as number) + fit.offset
    if (Math.abs((picture[i] as number) - expected) <= tolerance) explained++
  }
  return { ...fit, explained: looked === 0 ? 1 : explained / looked }
}

function refit(
  picture: Uint8Array,
  reference: ArrayLike<number>,
  mask: Uint8Array,
  last: Illumination | null,
  tolerance: number,
): Illumination {
  let [n, sr, sp, srr, srp] = [0, 0, 0, 0, 0]
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
