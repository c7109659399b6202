import { createHistogram } from './histogram.ts'
import type { Mask } from './mask.ts'
import type { Plane } from './plane.ts'

/** What can be made out in a picture at all. */
export interface Detail {
  /** Share of the cells (10 × 10 pixels, at most 32 × 18) in which something beyond noise can be made out, 0..1. */
  readonly cells: number
  /** Mean brightness, 0..255. */
  readonly brightness: number
  /** Mean absolute second difference beyond what noise makes, levels: falls when the picture blurs. */
  readonly sharpness: number
  /** Entropy of the brightness, bits. */
  readonly entropy: number
}

const MOST_COLUMNS = 32
const MOST_ROWS = 18
/** Smaller cells would lie within one stone or one leaf. */
const CELL_PIXELS = 10
/** Standard deviation within a cell, in levels, from which on something is made out. */
const CELL_LEVELS = 3
/** Mean absolute value of (1, −2, 1) over noise of deviation 1: √6 · √(2/π). */
const LAPLACE_OF_NOISE = Math.sqrt(6) * Math.sqrt(2 / Math.PI)

/** `noise` is the standard deviation of the sensor noise in this plane. */
export function measureDetail(plane: Plane, usable: Mask, noise: number): Detail {
  const { width, height, data } = plane
  const columns = Math.max(1, Math.min(MOST_COLUMNS, Math.floor(width / CELL_PIXELS)))
  const rows = Math.max(1, Math.min(MOST_ROWS, Math.floor(height / CELL_PIXELS)))
  const histogram = createHistogram()
  let [cells, detailed, bends, pairs] = [0, 0, 0, 0]
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x0 = Math.floor((column * width) / columns)
      const x1 = Math.floor(((column + 1) * width) / columns)
      const y1 = Math.floor(((row + 1) * height) / rows)
      let [n, sum, squares] = [0, 0, 0]
      for (let y = Math.floor((row * height) / rows); y < y1; y++) {
        for (let x = x0; x < x1; x++) {
          const at = y * width + x
          if (usable.data[at] === 0) continue
          const value = data[at] as number
          n++
          sum += value
          squares += value * value
          histogram.add(value)
          if (x > 0 && x < width - 1) {
            bends += Math.abs((data[at - 1] as number) - 2 * value + (data[at + 1] as number))
            pairs++
          }
        }
      }
      if (n < 8) continue
      cells++
      const variance = squares / n - (sum / n) ** 2
      if (variance > CELL_LEVELS ** 2 + 1.5 * noise ** 2) detailed++
    }
  }
  return {
    cells: cells === 0 ? 0 : detailed / cells,
    brightness: histogram.mean(),
    sharpness: Math.max(0, (pairs === 0 ? 0 : bends / pairs) - noise * LAPLACE_OF_NOISE),
    entropy: histogram.total === 0 ? 0 : histogram.entropy(),
  }
}
