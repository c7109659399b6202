import { z } from 'zod'

/** What a phone says of a picture beside its bytes. */

export const ATTACHMENT_PHASES = ['before', 'after'] as const

/** Degrees WGS-84, as the camera wrote it into the picture. */
const photoPlace = z.object({ lon: z.number().min(-180).max(180), lat: z.number().min(-90).max(90) })

export const photoFacts = {
  /** Before or after the work 处置前 / 处置后. */
  phase: z.enum(ATTACHMENT_PHASES).nullable().default(null),
  /** As the camera wrote it into the picture. */
  capturedAt: z.iso.datetime({ offset: true }).nullable().default(null),
  place: photoPlace.nullable().default(null),
}
export const photoFactsSchema = z.strictObject(photoFacts)
export type PhotoFacts = z.output<typeof photoFactsSchema>

/** Body of the call that makes a finished upload an attachment. */
export const attachUploadBody = z.strictObject({ name: z.string().min(1).max(300), ...photoFacts })
export type AttachUpload = z.input<typeof attachUploadBody>

/** Of every attachment that is read: null where nobody said. */
export const attachmentFacts = {
  phase: z.enum(ATTACHMENT_PHASES).nullable(),
  capturedAt: z.iso.datetime().nullable(),
  place: photoPlace.nullable(),
}
