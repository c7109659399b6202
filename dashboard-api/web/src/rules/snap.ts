import type { Point, Polygon } from '../../../../core/geometry.ts'
import { roundPoint } from './model.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

/** Screen pixels. */
const SNAP_PX = 10

/**
 * The point of `others` or of their sides, or of the picture's frame, that is nearest to `at` within ten screen pixels;
 * else `at` itself. Corners come before sides. All points are fractions; `size` is the picture on screen.
 */
export function snap(at: Point, others: readonly Polygon[], size: Size): Point {
  const corners = [...others.flat(), ...FRAME]
  const nearest = (candidates: readonly Point[]): Point | null => {
    let best: Point | null = null
    let least = SNAP_PX
    for (const candidate of candidates) {
      const far = pixels(at, candidate, size)
      if (far <= least) [best, least] = [candidate, far]
    }
    return best
  }
  const feet = [...others, FRAME].flatMap((polygon) =>
    polygon.map((a, i) => footOn(at, a, polygon[(i + 1) % polygon.length] as Point, size)),
  )
  return roundPoint(nearest(corners) ?? nearest(feet) ?? at)
}

const FRAME: Polygon = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
]

export const pixels = (a: Point, b: Point, size: Size): number =>
  Math.hypot((a[0] - b[0]) * size.width, (a[1] - b[1]) * size.height)

/** The point of the side from `a` to `b` that is nearest to `at` on screen. */
export function footOn(at: Point, a: Point, b: Point, size: Size): Point {
  const [dx, dy] = [(b[0] - a[0]) * size.width, (b[1] - a[1]) * size.height]
  const length = dx * dx + dy * dy
  if (length === 0) return a
  const along = ((at[0] - a[0]) * size.width * dx + (at[1] - a[1]) * size.height * dy) / length
  const t = Math.min(1, Math.max(0, along))
  return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]
}
