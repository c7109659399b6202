import type { z } from 'zod'
import type { placeShape } from '../../core/api/shapes.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import type { City } from '../city.ts'

/** UTC text of a time that may be absent. */
export const isoOf = (time: Date | null): string | null => time?.toISOString() ?? null

/** Where a camera or sensor stands, in the city's datum. */
export function placeOf(source: Pick<CameraConfig, 'place'> | null, city: City): z.infer<typeof placeShape> {
  return source ? { ...source.place, datum: city.facts.datum } : {}
}
