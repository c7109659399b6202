import { z } from 'zod'
import { keeperReason } from './holds.ts'

/** Body of `POST /api/cases/{no}/pack`. `originals`: with the sealed unmasked pictures and films. */
export const packBody = z.strictObject({
  reason: keeperReason,
  /** Whom or what it is for, for example a court's file number. */
  purpose: z.string().trim().min(2, 'a purpose has at least 2 characters').max(500),
  originals: z.boolean().default(false),
})
export type PackRequest = z.input<typeof packBody>

/** Header of the answer: SHA-256 of the manifest, as the case's log keeps it. */
export const PACK_HASH_HEADER = 'X-Manifest-SHA256'
