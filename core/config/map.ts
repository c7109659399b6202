import { z } from 'zod'
import { ruled } from '../api/schema-fault.ts'
import { DATUMS } from '../datum.ts'

/** The base map of the city: one file on the machine of role `api`, served by it to people who are logged in. */
export const mapSchema = z.strictObject({
  /** A PMTiles archive, version 3: vector tiles in the layers of Protomaps, or pictures (PNG, JPEG, WebP, AVIF). */
  file: z
    .string()
    .min(1)
    .refine((path) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(path), {
      ...ruled('path_only'),
      error: 'is a path, not an address: pages call no other host; download the file and write its path',
    }),
  /** What the map was drawn in. OpenStreetMap is WGS-84; maps published in China are GCJ-02. */
  datum: z.enum(DATUMS).default('WGS-84'),
  /** Approval number (审图号), shown on the map. */
  approval: z.string().trim().min(1).max(100).optional(),
})
/** As parsed: `file` is absolute. */
export type MapConfig = z.infer<typeof mapSchema>
