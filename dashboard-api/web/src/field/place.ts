export interface Point {
  readonly lon: number
  readonly lat: number
}

/** RFC 5870. */
export const geoUri = ({ lon, lat }: Point): string => {
  const at = `${lat.toFixed(6)},${lon.toFixed(6)}`
  return `geo:${at}?q=${at}`
}

/** Metres along the ground (haversine on the mean radius; off by at most 0.5 %). */
export function metresBetween(a: Point, b: Point): number {
  const rad = Math.PI / 180
  const h =
    Math.sin(((b.lat - a.lat) * rad) / 2) ** 2 +
    Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((b.lon - a.lon) * rad) / 2) ** 2
  return 2 * 6_371_008.8 * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** `420 m`, `1.2 km`, `35 km`. */
export function formatDistance(metres: number): string {
  if (metres < 1_000) return `${Math.round(metres / 10) * 10} m`
  return `${metres < 10_000 ? (metres / 1_000).toFixed(1) : Math.round(metres / 1_000)} km`
}
