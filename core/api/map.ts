import { z } from 'zod'
import { DATUMS } from '../datum.ts'
import { severitySchema } from '../event.ts'

/** The HTTP contract of the map. Every point is in degrees of `datum`, the base map's own; converted once, by the server. */

/** Why a base map that the city file names cannot be shown. */
export const BASE_FAULTS = ['missing', 'unreadable', 'not_pmtiles', 'unknown_tiles'] as const

export const baseMapShape = z.object({
  datum: z.enum(DATUMS),
  base: z.discriminatedUnion('state', [
    /** The city file names none (`city.map`). */
    z.object({ state: z.literal('none') }),
    z.object({ state: z.literal('failed'), why: z.enum(BASE_FAULTS), file: z.string() }),
    z.object({
      state: z.literal('ready'),
      tiles: z.enum(['vector', 'raster']),
      /** Of the archive; another one when its file was replaced. Read in parts, by HTTP Range. */
      url: z.string(),
      minZoom: z.int(),
      maxZoom: z.int(),
      /** West, south, east, north. */
      bounds: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      /** Names of the layers of vector tiles; empty when the archive does not say. */
      layers: z.array(z.string()),
      /** Whose map it is, as plain text; null: the archive does not say. */
      attribution: z.string().nullable(),
      approval: z.string().nullable(),
    }),
  ]),
})
export type BaseMap = z.infer<typeof baseMapShape>

export const MAP_KINDS = ['alert', 'case', 'camera', 'sensor'] as const

export const mapItemShape = z.object({
  kind: z.enum(MAP_KINDS),
  /** Of an alert, camera or sensor; the number of a case. */
  id: z.string(),
  /** Of the camera or sensor, or the one that the alert or case is of; null: a case by hand. */
  name: z.object({ zh: z.string(), en: z.string() }).nullable(),
  /** Hazard type of an alert or case. */
  type: z.string().nullable(),
  severity: severitySchema.nullable(),
  state: z.string(),
  /** An open alert or case, or a camera or sensor that does not work. */
  bad: z.boolean(),
  /** When the alert began or the case was filed; null: a camera or sensor. */
  at: z.iso.datetime().nullable(),
  address: z.string().nullable(),
  /** Longitude, latitude; null: not known. */
  point: z.tuple([z.number(), z.number()]).nullable(),
})
export type MapItem = z.infer<typeof mapItemShape>

export const mapItemsShape = z.object({
  datum: z.enum(DATUMS),
  /** What the asker may see: all cameras and sensors, open alerts and cases with the gravest first, at most 2,000 each. */
  items: z.array(mapItemShape),
  /** How many open alerts and cases there are; more than are listed when a list is full. */
  total: z.object({ alerts: z.int(), cases: z.int() }),
  asOf: z.string(),
})
export type MapItems = z.infer<typeof mapItemsShape>
