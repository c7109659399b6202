import { z } from 'zod'

/** A live still that is kept before there is a case for it. */
export const captureShape = z.object({
  /** Names it, signed by the server: shows it, and adds it to a case. Holds for 20 hours and for who took it. */
  ticket: z.string(),
  camera: z.string(),
  capturedAt: z.iso.datetime(),
  sha256: z.string(),
  bytes: z.int(),
})
export type Capture = z.infer<typeof captureShape>

export const attachCaptureBody = z.strictObject({ ticket: z.string().min(1).max(2_000) })
