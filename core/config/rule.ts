import { z } from 'zod'
import { ruled } from '../api/schema-fault.ts'
import { HAZARD_TYPES, type HazardType } from '../catalogue.ts'
import { severitySchema } from '../event.ts'
import { parseDuration } from '../units.ts'

const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text)
  if (ms !== null) return ms
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not a duration; write for example 10s, 2m or 1h`,
    ...ruled('duration', { text }),
  })
  return z.NEVER
})

const hours = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$/, 'hours are written as 22:00-06:00')

const common = {
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i),
  /** Name of a zone of the camera; absent: the whole picture. */
  zone: z.string().optional(),
  severity: severitySchema.optional(),
  /** How long the hazard must last before it is one. */
  for: duration.optional(),
  /** The hazard ends when it was not seen for this long. */
  clear: duration.optional(),
  /** Hours of the city's day in which the rule holds; absent: always. */
  hours: hours.optional(),
  /** False: the rule stays in the file and is not watched. Absent: it is. */
  enabled: z.boolean().optional(),
}
const score = z.number().min(0.05).max(1).optional()

/** Rules with a schema of their own. Every other type of the catalogue is read and reported as unavailable. */
const built = [
  z.strictObject({ ...common, type: z.literal('fire'), score }),
  z.strictObject({ ...common, type: z.literal('smoke'), score }),
  /** More than `limit` persons in the zone for `for`. */
  z.strictObject({ ...common, type: z.literal('crowding'), score, limit: z.int().min(1) }),
  /** A vehicle stands in the zone for `for`. */
  z.strictObject({ ...common, type: z.literal('lane_blocked'), score }),
  /** Bags or rubbish lie in the zone for `for`. */
  z.strictObject({ ...common, type: z.literal('litter_pile'), score }),
  /** A face without a mask in the zone, in most looks of `for`. */
  z.strictObject({ ...common, type: z.literal('no_mask'), score }),
  /** Something appeared and stays for `for`; `minArea`, `maxArea` in shares of the picture. */
  z.strictObject({
    ...common,
    type: z.literal('object_left'),
    minArea: z.number().min(0.0002).max(0.5).optional(),
    maxArea: z.number().min(0.001).max(1).optional(),
  }),
  /** Motion while closed. `hours` are the closed hours. `minArea`: share of the zone that moves. */
  z.strictObject({
    ...common,
    type: z.literal('after_hours_motion'),
    minArea: z.number().min(0.0005).max(0.5).optional(),
  }),
  /** A plume in a drawn region at or above this Ringelmann darkness (1 = 20 % … 5 = 100 %). */
  z.strictObject({
    ...common,
    zone: z.string(),
    type: z.literal('plume'),
    darkness: z.number().min(1).max(5),
  }),
  z.strictObject({ ...common, type: z.literal('camera_covered') }),
  z.strictObject({ ...common, type: z.literal('camera_frozen') }),
] as const

const builtTypes = new Set<string>(built.map((schema) => schema.shape.type.value))
const others = HAZARD_TYPES.filter((type) => !builtTypes.has(type)) as [HazardType, ...HazardType[]]

/** Types that are named in a file before they are built keep their other keys unread, so that a file stays valid later. */
const other = z.looseObject({ ...common, type: z.enum(others) })

export const ruleSchema = z.discriminatedUnion('type', [...built, other])
/** Whether the rule is watched. */
export const isEnabled = (rule: { readonly enabled?: boolean | undefined }): boolean => rule.enabled !== false
export type RuleConfig = z.infer<typeof ruleSchema>
export type BuiltRule = z.infer<(typeof built)[number]>
export type BuiltRuleOf<T extends BuiltRule['type']> = Extract<BuiltRule, { type: T }>
