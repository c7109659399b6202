import { z } from 'zod'
import { RECHECK_RESULTS } from '../case/recheck.ts'

const at = z.iso.datetime()

/** Machine re-check 机器复查: what the source of the case's alert saw since the report. */
export const recheckShape = z.object({
  result: z.enum(RECHECK_RESULTS),
  source: z.object({ kind: z.enum(['camera', 'sensor']), id: z.string() }),
  /** Watched time is counted from here: the report, or the last sighting after it. */
  from: at,
  /** When this was put together. */
  at,
  watchedMs: z.int(),
  /** So much watched silence makes `not_seen`. */
  neededMs: z.int(),
  lastSeenAt: at.nullable(),
  reportedAt: at,
  again: z.int(),
  firing: z.boolean(),
})
export type RecheckItem = z.infer<typeof recheckShape>
