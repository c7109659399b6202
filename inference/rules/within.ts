import {
  type Box,
  bottomCentre,
  boxArea,
  boxCentre,
  insidePolygon,
  type Point,
  type Polygon,
  polygonArea,
} from '../../core/geometry.ts'
import type { Picture } from '../pixels/scene.ts'

/** Share of the box that lies in the polygon, 0..1. The polygon is cut by the box's sides (Sutherland–Hodgman). */
export function shareInside(box: Box, polygon: Polygon): number {
  const area = boxArea(box)
  if (area === 0) return 0
  const [left, top, right, bottom] = box
  let corners: readonly Point[] = polygon
  corners = cut(corners, 0, left, 1)
  corners = cut(corners, 0, right, -1)
  corners = cut(corners, 1, top, 1)
  corners = cut(corners, 1, bottom, -1)
  return corners.length < 3 ? 0 : Math.min(1, polygonArea(corners) / area)
}

/** Keeps the part of a polygon where `sign · (coordinate − at)` is not negative. */
function cut(corners: readonly Point[], axis: 0 | 1, at: number, sign: 1 | -1): readonly Point[] {
  const kept: Point[] = []
  corners.forEach((point, i) => {
    const before = corners[(i + corners.length - 1) % corners.length] as Point
    const [here, there] = [sign * (point[axis] - at), sign * (before[axis] - at)]
    if (here >= 0 !== there >= 0) {
      const t = there / (there - here)
      kept.push([before[0] + t * (point[0] - before[0]), before[1] + t * (point[1] - before[1])])
    }
    if (here >= 0) kept.push(point)
  })
  return kept
}

/** Whether a thing stands in a zone: where it touches the ground, or enough of it. */
export const standsIn = (box: Box, polygon: Polygon, enough: number): boolean =>
  insidePolygon(bottomCentre(box), polygon) || shareInside(box, polygon) >= enough

/** Whether something without a foot (fire, smoke) is in a zone: its middle, or enough of it. */
export const isIn = (box: Box, polygon: Polygon, enough: number): boolean =>
  insidePolygon(boxCentre(box), polygon) || shareInside(box, polygon) >= enough

/** Share of the box's pixels that changed against the last seconds, 0..1; privacy polygons do not count. */
export function changedShare([left, top, right, bottom]: Box, { plane, usable, changed }: Picture): number {
  const { width, height } = plane
  const [fromX, toX] = [Math.max(0, Math.floor(left * width)), Math.min(width, Math.ceil(right * width))]
  const [fromY, toY] = [Math.max(0, Math.floor(top * height)), Math.min(height, Math.ceil(bottom * height))]
  let seen = 0
  let moved = 0
  for (let y = fromY; y < toY; y++)
    for (let at = y * width + fromX; at < y * width + toX; at++) {
      if (usable.data[at] === 0) continue
      seen += 1
      if (changed[at] !== 0) moved += 1
    }
  return seen === 0 ? 0 : moved / seen
}
