import gcoord from 'gcoord'

/** What the degrees of a point are measured in: WGS-84 of satellites, or GCJ-02, which maps published in China use. */
export const DATUMS = ['WGS-84', 'GCJ-02'] as const
export type Datum = (typeof DATUMS)[number]

/** Its types tell Node's resolution of another export than there is. */
const { transform } = gcoord as unknown as {
  transform(point: readonly [number, number], from: string, to: string): readonly [number, number]
}
const CRS = { 'WGS-84': 'WGS84', 'GCJ-02': 'GCJ02' } as const

/** Degrees of one point in another datum; within a metre, and unchanged outside China, where GCJ-02 is WGS-84. */
export function toDatum(
  { lon, lat }: { readonly lon: number; readonly lat: number },
  from: Datum,
  to: Datum,
): { readonly lon: number; readonly lat: number } {
  if (from === to) return { lon, lat }
  const [x, y] = transform([lon, lat], CRS[from], CRS[to])
  return { lon: x, lat: y }
}

/** Of a place, in the datum asked for; null: its point is not known. A place without a datum is taken for WGS-84. */
export function pointIn(
  place: {
    readonly lon?: number | undefined
    readonly lat?: number | undefined
    readonly datum?: string | undefined
  },
  to: Datum,
): { readonly lon: number; readonly lat: number } | null {
  const { lon, lat } = place
  if (lon === undefined || lat === undefined) return null
  return toDatum({ lon, lat }, place.datum === 'GCJ-02' ? 'GCJ-02' : 'WGS-84', to)
}
