/** All coordinates are fractions of the picture, 0..1, origin top left, so that they hold at every resolution. */
export type Point = readonly [x: number, y: number]

/** Corners in order, not closed (the last point is not the first), at least three. */
export type Polygon = readonly Point[]

/** Left, top, right, bottom. */
export type Box = readonly [left: number, top: number, right: number, bottom: number]

export const WHOLE_PICTURE: Polygon = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
]

export const boxArea = ([l, t, r, b]: Box): number => Math.max(0, r - l) * Math.max(0, b - t)

export const boxCentre = ([l, t, r, b]: Box): Point => [(l + r) / 2, (t + b) / 2]

/** Where a thing touches the ground; zones are drawn on the ground. */
export const bottomCentre = ([l, , r, b]: Box): Point => [(l + r) / 2, b]

export const clampBox = ([l, t, r, b]: Box): Box => {
  const clamp = (v: number) => Math.min(1, Math.max(0, v))
  return [clamp(l), clamp(t), clamp(r), clamp(b)]
}

/** Box grown by `margin` times its own width and height on each side, inside the picture. */
export const growBox = ([l, t, r, b]: Box, margin: number): Box => {
  const w = (r - l) * margin
  const h = (b - t) * margin
  return clampBox([l - w, t - h, r + w, b + h])
}

export const unionBox = (a: Box, b: Box): Box => [
  Math.min(a[0], b[0]),
  Math.min(a[1], b[1]),
  Math.max(a[2], b[2]),
  Math.max(a[3], b[3]),
]

export function intersectionArea(a: Box, b: Box): number {
  const w = Math.min(a[2], b[2]) - Math.max(a[0], b[0])
  const h = Math.min(a[3], b[3]) - Math.max(a[1], b[1])
  return w > 0 && h > 0 ? w * h : 0
}

/** Intersection over union, 0..1. */
export function iou(a: Box, b: Box): number {
  const shared = intersectionArea(a, b)
  const union = boxArea(a) + boxArea(b) - shared
  return union > 0 ? shared / union : 0
}

/** Ray casting; a point on an edge may fall on either side. */
export function insidePolygon([x, y]: Point, polygon: Polygon): boolean {
  let inside = false
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [xi, yi] = polygon[i] as Point
    const [xj, yj] = polygon[j] as Point
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside
  }
  return inside
}

export function polygonBounds(polygon: Polygon): Box {
  const xs = polygon.map((p) => p[0])
  const ys = polygon.map((p) => p[1])
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}

/** Area by the shoelace formula. */
export function polygonArea(polygon: Polygon): number {
  let twice = 0
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [xi, yi] = polygon[i] as Point
    const [xj, yj] = polygon[j] as Point
    twice += xj * yi - xi * yj
  }
  return Math.abs(twice) / 2
}

function segmentsCross(a: Point, b: Point, c: Point, d: Point): boolean {
  const side = (p: Point, q: Point, r: Point) =>
    Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b)
}

/** The rule a polygon breaks. Sides are counted from 1: side n goes from point n to the next. */
export type PolygonFault =
  | { readonly kind: 'points'; readonly count: number }
  | { readonly kind: 'outside'; readonly point: Point }
  | { readonly kind: 'crosses'; readonly sides: readonly [number, number] }
  | { readonly kind: 'no_area' }

/** Null: the polygon is sound. */
export function findPolygonFault(polygon: Polygon): PolygonFault | null {
  if (polygon.length < 3) return { kind: 'points', count: polygon.length }
  const outside = polygon.find(([x, y]) => !(x >= 0 && x <= 1 && y >= 0 && y <= 1))
  if (outside) return { kind: 'outside', point: outside }
  const n = polygon.length
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      if (j === i + 1 || (i === 0 && j === n - 1)) continue
      const [a, b] = [polygon[i] as Point, polygon[(i + 1) % n] as Point]
      const [c, d] = [polygon[j] as Point, polygon[(j + 1) % n] as Point]
      if (segmentsCross(a, b, c, d)) return { kind: 'crosses', sides: [i + 1, j + 1] }
    }
  }
  return polygonArea(polygon) < 1e-6 ? { kind: 'no_area' } : null
}

/** The rule a polygon breaks, in words, or null when it is sound. */
export function polygonFault(polygon: Polygon): string | null {
  const fault = findPolygonFault(polygon)
  switch (fault?.kind) {
    case undefined:
      return null
    case 'points':
      return `has ${fault.count} points, needs at least 3`
    case 'outside':
      return `has the point [${fault.point}] outside the picture; coordinates are fractions from 0 to 1`
    case 'crosses':
      return `crosses itself between sides ${fault.sides[0]} and ${fault.sides[1]}`
    case 'no_area':
      return 'has no area'
  }
}
