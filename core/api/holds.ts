import { z } from 'zod'
import { namedOwnerShape } from './named-owner.ts'

/** Shapes of holds 证据保全: `POST|DELETE /api/cases/{no}/holds`, and the same of alerts. Times are ISO 8601 in UTC. */

const at = z.iso.datetime()
/** Two characters are a reason in Chinese: 复核. */
export const keeperReason = z
  .string()
  .trim()
  .min(2, 'a reason has at least 2 characters')
  .max(2_000, 'a reason has at most 2000 characters')

export const holdBody = z.strictObject({ reason: keeperReason })

/**
 * `gone`: pieces of evidence that were deleted before the hold (their hashes are kept), and pieces of kept recordings that
 * could not be made before it (they are tried once more).
 */
export const placedHoldShape = z.object({ id: z.uuid(), at, gone: z.int() })
export type PlacedHoldItem = z.infer<typeof placedHoldShape>

/** A hold with its release; `releasedAt` null: it holds. */
export const holdShape = z.object({
  id: z.uuid(),
  by: z.string(),
  reason: z.string(),
  at,
  releasedAt: at.nullable(),
  releasedBy: z.string().nullable(),
  releaseReason: z.string().nullable(),
})
export type HoldItem = z.infer<typeof holdShape>

/** A hold with what it holds. */
export const listedHoldShape = holdShape.extend({ owner: namedOwnerShape })
export type ListedHold = z.infer<typeof listedHoldShape>

/** `open`: how many hold now, also beyond the list. */
export const holdsShape = z.object({ items: z.array(listedHoldShape), open: z.int() })
export type Holds = z.infer<typeof holdsShape>
