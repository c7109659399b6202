import gcoord from 'gcoord'
import type { PlaceItem } from '../api/types.ts'
import type { Point } from './place.ts'

/** Where a case is, in degrees WGS-84 as phones and `geo:` have them; null: not known. */
export function pointOf({ lon, lat, datum }: PlaceItem): Point | null {
  if (lon === undefined || lat === undefined) return null
  if (datum !== 'GCJ-02') return { lon, lat }
  const [x, y] = gcoord.transform([lon, lat], gcoord.GCJ02, gcoord.WGS84)
  return { lon: x, lat: y }
}
