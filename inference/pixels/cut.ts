import { fitIllumination } from './illumination.ts'

/** Share of the picture that must change for it to be another scene. */
const MOST = 0.5
/** Two pictures of one scene agree in their pattern, whatever the light; two scenes do not. */
const SAME_PATTERN = 0.5
/** A picture flatter than this (levels) has no pattern to agree in. */
const FLAT = 3
/** Change of the brightness of most pixels, in levels, that is a lamp or the exposure and not a cloud. */
const LIGHT_LEVELS = 8

/** What happened to the picture as a whole between two pictures. */
export interface WholeChange {
  /** Another scene: most of the picture changed, and no change of light explains it. */
  readonly cut: boolean
  /** The light changed at once. */
  readonly lightStep: boolean
}

const NOTHING: WholeChange = { cut: false, lightStep: false }

/** `meanAbs`: mean absolute difference of the two pictures, levels. */
export function wholeChange(
  picture: Uint8Array,
  before: Uint8Array,
  mask: Uint8Array,
  noise: number,
  meanAbs: number,
): WholeChange {
  // Nearly always nothing happened as a whole, and that is cheap to know.
  if (meanAbs < LIGHT_LEVELS) return NOTHING
  const tolerance = Math.max(10, 4 * noise)
  const fit = fitIllumination(picture, before, mask, tolerance)
  const { correlation, shift, deviation } = compare(picture, before, mask)
  let [looked, moved] = [0, 0]
  for (let i = 0; i < picture.length; i += 3) {
    if (mask[i] === 0) continue
    looked++
    if (Math.abs((picture[i] as number) - (before[i] as number) - shift) > tolerance) moved++
  }
  const otherPattern = deviation > FLAT + noise && correlation < SAME_PATTERN && moved > MOST * looked
  return { cut: otherPattern || fit.explained < 1 - MOST, lightStep: Math.abs(shift) > LIGHT_LEVELS }
}

/** Median of the differences (not the mean: a bright bus is no light) and agreement of the patterns. */
function compare(a: Uint8Array, b: Uint8Array, mask: Uint8Array) {
  const differences = new Uint32Array(511)
  let n = 0
  let sa = 0
  let sb = 0
  let saa = 0
  let sbb = 0
  let sab = 0
  for (let i = 0; i < a.length; i += 3) {
    if (mask[i] === 0) continue
    const va = a[i] as number
    const vb = b[i] as number
    differences[va - vb + 255] = (differences[va - vb + 255] as number) + 1
    n++
    sa += va
    sb += vb
    saa += va * va
    sbb += vb * vb
    sab += va * vb
  }
  if (n === 0) return { correlation: 1, shift: 0, deviation: 0 }
  const varianceA = Math.max(0, saa / n - (sa / n) ** 2)
  const varianceB = Math.max(0, sbb / n - (sb / n) ** 2)
  const product = Math.sqrt(varianceA * varianceB)
  let shift = 0
  for (let below = 0; shift < 511; shift++) {
    below += differences[shift] as number
    if (below * 2 >= n) break
  }
  return {
    correlation: product > 0 ? (sab / n - (sa / n) * (sb / n)) / product : 0,
    shift: shift - 255,
    deviation: Math.sqrt(Math.max(varianceA, varianceB)),
  }
}
