import { z } from 'zod'
import { labelSchema } from '../config/shared.ts'

const at = z.iso.datetime()

/**
 * What evidence belongs to, as people name it. `type`: of an alert or case. `camera`: where, of an alert of a sensor that;
 * null: of a case without one. `from`: the alert began, the case was filed, the recording begins; `to`: it ends, else null.
 */
export const namedOwnerShape = z.object({
  kind: z.enum(['alert', 'case', 'recording']),
  id: z.string(),
  type: z.string().nullable(),
  camera: z.string().nullable(),
  cameraName: labelSchema.nullable(),
  address: z.string().nullable(),
  from: at.nullable(),
  to: at.nullable(),
})
export type NamedOwner = z.infer<typeof namedOwnerShape>
