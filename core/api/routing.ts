import { z } from 'zod'
import { HAZARD_TYPES, PURPOSES } from '../catalogue.ts'
import { idSchema } from '../config/shared.ts'
import { severitySchema } from '../event.ts'

const label = z.object({ zh: z.string(), en: z.string() })

/** A matter that might be, to see where it would go. */
export const routeTrialBody = z.strictObject({
  type: z.enum(HAZARD_TYPES),
  severity: severitySchema,
  /** Of the camera when one is given and this is not. */
  purpose: z.enum(PURPOSES).nullish(),
  camera: idSchema.nullish(),
  grid: z.string().max(64).nullish(),
  /** When it would be filed; absent: now. */
  at: z.iso.datetime({ offset: true }).optional(),
})

export const routeTrialShape = z.object({
  /** Null: no route matches, and an operator dispatches by hand. */
  route: z
    .object({
      id: z.string(),
      /** 1 is the first. */
      place: z.int(),
      /** `at_once`: told when the alert fires; `on_filing`: when the case is filed. */
      notify: z.enum(['at_once', 'on_filing']),
    })
    .nullable(),
  departments: z.array(
    z.object({
      id: z.string(),
      name: label,
      part: z.enum(['lead', 'assist']),
      channels: z.array(z.object({ kind: z.string(), built: z.boolean() })),
      reachable: z.boolean(),
    }),
  ),
  /** Deadlines of a case that is filed and dispatched at that time, each counted from the beginning of its own clock. */
  clocks: z.object({
    time: z.enum(['working', 'calendar']),
    /** Due when it is filed then. */
    acceptBy: z.iso.datetime(),
    /** Due when it is accepted then. */
    handleBy: z.iso.datetime(),
    /** Due when it is reported then. */
    checkBy: z.iso.datetime(),
  }),
})

export const channelTrialShape = z.object({
  items: z.array(
    z.object({
      recipient: z.string(),
      delivered: z.boolean(),
      code: z.string(),
      error: z.string().nullable(),
      tookMs: z.int(),
    }),
  ),
})
