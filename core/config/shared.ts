import { z } from 'zod'
import { ruled } from '../api/schema-fault.ts'
import { polygonFault } from '../geometry.ts'
import { parseDuration } from '../units.ts'

/** Pieces that the parts of city.yaml share. */

export const idSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, 'an id has letters, digits, ".", "_" or "-", at most 63, no spaces')

export const durationSchema = z.string().transform((text, context) => {
  const ms = parseDuration(text)
  if (ms !== null) return ms
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not a duration; write for example 10s, 2h or 3d`,
    ...ruled('duration', { text }),
  })
  return z.NEVER
})

export const labelSchema = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) })
export type Label = z.infer<typeof labelSchema>

const pointSchema = z.tuple([z.number(), z.number()])
export const polygonSchema = z.array(pointSchema).superRefine((polygon, context) => {
  const fault = polygonFault(polygon)
  if (fault) context.addIssue({ code: 'custom', message: `the polygon ${fault}`, ...ruled('polygon') })
})

export const placeSchema = z.strictObject({
  lon: z.number().min(-180).max(180).optional(),
  lat: z.number().min(-90).max(90).optional(),
  address: z.string().optional(),
  grid: z.string().optional(),
})
