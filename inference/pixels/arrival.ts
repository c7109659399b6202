import type { Blob } from './components.ts'

/** What became of a place that no longer looks like its background. */
export type Arrival = 'came' | 'left' | 'light'

/** A background needs this deviation (levels) within the place before its pattern can be recognised under other light. */
const PATTERN_LEVELS = 4
const SAME_PATTERN = 0.8
const EDGE_LEVELS = 4

/**
 * Tells a thing that came from one that was there and went away (its outline is in the background, not in the picture)
 * and from a shadow or a beam of light (the pattern of the ground shows through).
 */
export function arrivalOf(
  blob: Blob,
  picture: Uint8Array,
  background: ArrayLike<number>,
  width: number,
  noise: number,
): Arrival {
  if (correlation(blob.pixels, picture, background, PATTERN_LEVELS + noise) >= SAME_PATTERN) return 'light'
  const inside = new Set(blob.pixels)
  let [now, before, edge] = [0, 0, 0]
  for (const i of blob.pixels) {
    const x = i % width
    // The outline, on the sides where a pixel outside exists to compare with.
    for (const step of [-1, 1, -width, width]) {
      const outside = i + step
      if (inside.has(outside) || outside < 0 || outside >= picture.length) continue
      if ((step === -1 && x === 0) || (step === 1 && x === width - 1)) continue
      const [inner, outer] = [i - step, i + step * 2]
      if (inner < 0 || outer < 0 || inner >= picture.length || outer >= picture.length) continue
      now += Math.abs((picture[inner] as number) - (picture[outer] as number))
      before += Math.abs((background[inner] as number) - (background[outer] as number))
      edge++
    }
  }
  if (edge === 0) return 'came'
  const margin = EDGE_LEVELS + noise
  return before / edge > now / edge + margin && before > now * 1.3 ? 'left' : 'came'
}

function correlation(
  pixels: Int32Array,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  leastDeviation: number,
): number {
  let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0]
  for (const i of pixels) {
    const va = a[i] as number
    const vb = b[i] as number
    sa += va
    sb += vb
    saa += va * va
    sbb += vb * vb
    sab += va * vb
  }
  const n = pixels.length
  const [varianceA, varianceB] = [saa / n - (sa / n) ** 2, sbb / n - (sb / n) ** 2]
  if (varianceB < leastDeviation ** 2 || varianceA <= 0) return 0
  return (sab / n - (sa / n) * (sb / n)) / Math.sqrt(varianceA * varianceB)
}
