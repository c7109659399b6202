import gcoord from 'gcoord'
import type { Convert } from './draft.ts'

/** To a tenth of a metre. */
export const inDatum: Convert = (point, from, to) => {
  if (from === to) return point
  const crs = { 'WGS-84': gcoord.WGS84, 'GCJ-02': gcoord.GCJ02 }
  const [x, y] = gcoord.transform([point[0], point[1]], crs[from], crs[to])
  const round = (value: number) => Math.round(value * 1e6) / 1e6
  return [round(x), round(y)]
}
