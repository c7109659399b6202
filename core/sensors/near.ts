import type { SensorConfig } from '../config/sensor.ts'

/** Mean radius of the earth, metres (IUGG). */
const EARTH_M = 6_371_008.8

interface Place {
  readonly lon?: number | undefined
  readonly lat?: number | undefined
}
interface PlacedCamera {
  readonly id: string
  readonly place: Place
}

/** Metres between two points of one datum, along the sphere (haversine); null: one of them has no point. */
export function metresBetween(a: Place, b: Place): number | null {
  if (a.lon === undefined || a.lat === undefined || b.lon === undefined || b.lat === undefined) return null
  const radians = Math.PI / 180
  const north = Math.sin(((b.lat - a.lat) * radians) / 2) ** 2
  const east = Math.sin(((b.lon - a.lon) * radians) / 2) ** 2
  const share = north + Math.cos(a.lat * radians) * Math.cos(b.lat * radians) * east
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(share)))
}

/**
 * Cameras that see what a sensor measures: those that its configuration names, else those within `near` metres, the
 * nearest first. The points of a city are of one datum, and GCJ-02 moves neighbours alike: distances are right in both.
 */
export function nearCameras<C extends PlacedCamera>(
  sensor: Pick<SensorConfig, 'cameras' | 'near' | 'place'>,
  cameras: readonly C[],
): readonly C[] {
  const { cameras: named } = sensor
  if (named) return named.flatMap((id) => cameras.filter((camera) => camera.id === id))
  return cameras
    .map((camera) => ({ camera, metres: metresBetween(sensor.place, camera.place) }))
    .filter((one): one is { camera: C; metres: number } => one.metres !== null && one.metres <= sensor.near)
    .toSorted((a, b) => a.metres - b.metres)
    .map(({ camera }) => camera)
}
