import type { Detection } from '../../core/frame.ts'
import { boxCentre, insidePolygon, type Polygon } from '../../core/geometry.ts'
import { shareInside } from '../rules/within.ts'

/** What is found inside a privacy polygon counts as never seen: nobody may be shown what it was. */
export const outsidePrivacy = <D extends Detection>(
  detections: readonly D[],
  privacy: readonly Polygon[],
): readonly D[] =>
  privacy.length === 0
    ? detections
    : detections.filter(
        ({ box }) =>
          !privacy.some(
            (polygon) => insidePolygon(boxCentre(box), polygon) || shareInside(box, polygon) > 0.5,
          ),
      )
