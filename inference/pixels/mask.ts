import type { Box, Polygon } from '../../core/geometry.ts'
import { insidePolygon, polygonBounds } from '../../core/geometry.ts'

/** One byte a pixel: 1 belongs to it, 0 does not. */
export interface Mask {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
  /** How many pixels are set. */
  readonly area: number
}

/**
 * The pixels whose centre lies in the polygon (fractions of the picture) and in none of `without`: what is blanked for
 * privacy is no part of any zone.
 */
export function polygonMask(
  polygon: Polygon,
  size: { readonly width: number; readonly height: number },
  without: readonly Polygon[] = [],
): Mask {
  const { width, height } = size
  const data = new Uint8Array(width * height)
  let area = 0
  const [left, top, right, bottom] = polygonBounds(polygon)
  const [x0, x1] = [Math.max(0, Math.floor(left * width)), Math.min(width, Math.ceil(right * width))]
  const [y0, y1] = [Math.max(0, Math.floor(top * height)), Math.min(height, Math.ceil(bottom * height))]
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const point = [(x + 0.5) / width, (y + 0.5) / height] as const
      if (!insidePolygon(point, polygon) || without.some((hole) => insidePolygon(point, hole))) continue
      data[y * width + x] = 1
      area++
    }
  }
  return { width, height, data, area }
}

/** Box in pixels (right and bottom included) → fractions of the picture. */
export const fractionBox = (
  pixels: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number },
  size: { readonly width: number; readonly height: number },
): Box => [
  pixels.left / size.width,
  pixels.top / size.height,
  (pixels.right + 1) / size.width,
  (pixels.bottom + 1) / size.height,
]
