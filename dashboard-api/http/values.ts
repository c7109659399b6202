import type { z } from 'zod'
import type { placeShape } from '../../core/api/shapes.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import type { City } from '../city.ts'

/** UTC text of a time that may be absent. */
export const isoOf = (time: Date | null): string | null => time?.toISOString() ?? null

/** Where a camera stands, in the city's datum. */
export function placeOf(camera: CameraConfig | null, city: City): z.infer<typeof placeShape> {
  return camera ? { ...camera.place, datum: city.facts.datum } : {}
}
