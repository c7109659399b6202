import type { Detection } from '../../core/frame.ts'
import { boxCentre, insidePolygon, type Polygon } from '../../core/geometry.ts'
import { shareInside } from '../rules/within.ts'

/** What is found inside a privacy polygon was never seen: its pixels are blank, so it can only be an error. */
export const outsidePrivacy = (
  detections: readonly Detection[],
  privacy: readonly Polygon[],
): readonly Detection[] =>
  privacy.length === 0
    ? detections
    : detections.filter(
        ({ box }) =>
          !privacy.some(
            (polygon) => insidePolygon(boxCentre(box), polygon) || shareInside(box, polygon) > 0.5,
          ),
      )
