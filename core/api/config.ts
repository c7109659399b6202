import { z } from 'zod'
import { ACTOR_KINDS } from '../actor.ts'
import { CONFIG_KINDS } from '../config/objects.ts'
import { SCHEMA_RULES } from './schema-fault.ts'

/** The configuration as desks see it: bodies in the form of the city file. */
const body = z.record(z.string(), z.unknown())
const managedBy = z.enum(['file', 'desk'])

export const configViewShape = z.object({
  kind: z.enum(CONFIG_KINDS),
  id: z.string(),
  managedBy,
  version: z.int(),
  position: z.int(),
  body,
})
export type ConfigItem = z.infer<typeof configViewShape>

/** `GET /api/cameras/{id}/rules`: of a camera's body the part that says what is watched. */
export const cameraRulesShape = configViewShape.pick({ id: true, managedBy: true, version: true }).extend({
  zones: z.record(z.string(), z.array(z.tuple([z.number(), z.number()]))),
  privacy: z.array(z.array(z.tuple([z.number(), z.number()]))),
  rules: z.array(body),
})
export type CameraRulesItem = z.infer<typeof cameraRulesShape>

export const configListShape = z.object({ items: z.array(configViewShape) })

export const configVersionsShape = z.object({
  items: z.array(
    z.object({
      version: z.int(),
      /** Null: it was removed. */
      body: body.nullable(),
      managedBy,
      at: z.iso.datetime(),
      actor: z.string(),
      actorKind: z.enum(ACTOR_KINDS),
      reason: z.string(),
    }),
  ),
})

export const configRemovedShape = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      /** Of the removal. */
      version: z.int(),
      /** As it was last. */
      body,
      at: z.iso.datetime(),
      actor: z.string(),
      actorKind: z.enum(ACTOR_KINDS),
      reason: z.string(),
    }),
  ),
})

export const configFaultsShape = z.object({
  faults: z.array(
    z.object({
      path: z.string(),
      message: z.string(),
      /** The same for pages: a rule and the values that its words name. */
      rule: z.enum(SCHEMA_RULES),
      values: z.record(z.string(), z.string()),
    }),
  ),
})

const reason = z.string().max(2_000)
const version = z.int().min(1)
export const saveConfigBody = z.strictObject({
  /** The version that was seen; null: it is new. */
  version: version.nullable(),
  body,
  reason,
  position: z.int().min(0).optional(),
})
export const checkConfigBody = z.strictObject({ body })
export const removeConfigBody = z.strictObject({ version, reason })
export const handConfigBody = z.strictObject({ version, to: managedBy, reason })
