import { z } from 'zod'

/** Where something is; a point carries its datum (WGS-84 or GCJ-02). */
export const messagePlaceSchema = z.object({
  address: z.string().optional(),
  lon: z.number().optional(),
  lat: z.number().optional(),
  grid: z.string().optional(),
  datum: z.string().optional(),
})
