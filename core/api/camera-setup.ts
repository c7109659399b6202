import { z } from 'zod'
import { PROBE_PROBLEMS, PULL_CAUSES } from '../camera-setup.ts'
import { cameraUrlFault } from '../config/camera-url.ts'
import { configViewShape } from './config.ts'

const url = z.string().superRefine((text, context) => {
  const fault = cameraUrlFault(text)
  if (fault)
    context.addIssue({
      code: 'custom',
      // The address is not repeated: it may hold what should never stand in it.
      message: `${fault}: give rtsp://, http:// or https:// with a host, without user and password, at most 1000 characters; files and paths are for the city file`,
    })
})

const user = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^:\r\n]+$/, 'a user has no ":" and no line break')
const password = z
  .string()
  .max(200)
  .regex(/^[^\r\n]*$/, 'a password has no line break')

/** User and password come together or not at all. */
const login = { user: user.optional(), password: password.optional() }
const together = (body: { user?: string | undefined; password?: string | undefined }) =>
  (body.user === undefined) === (body.password === undefined)
const TOGETHER = 'user and password come together'

export const probeBody = z.strictObject({ url, ...login }).refine(together, TOGETHER)

export const probeShape = z.object({
  /** From where it was looked: the process that pulls cameras, or one that runs apart from them. */
  from: z.enum(['worker', 'api']),
  seen: z
    .object({
      codec: z.string(),
      codecName: z.enum(['H.264', 'H.265']),
      encodedFrom: z.string().nullable(),
      width: z.int(),
      height: z.int(),
      fps: z.number(),
      kbitPerSecond: z.number(),
      keyFrameSeconds: z.number().nullable(),
      bFrames: z.boolean(),
      clock: z.object({ kind: z.string(), errorMs: z.number() }),
      clockRate: z.number().nullable(),
      firstPictureMs: z.number(),
      watchedSeconds: z.number(),
      problems: z.array(z.enum(PROBE_PROBLEMS)),
    })
    .nullable(),
  /** Masked; JPEG as base64. Null: nothing was seen, or the picture was damaged. */
  picture: z.object({ jpeg: z.string(), capturedAt: z.iso.datetime() }).nullable(),
  /** Why nothing was seen. */
  failure: z.object({ code: z.string(), cause: z.enum(PULL_CAUSES).nullable() }).nullable(),
})
export type CameraProbed = z.infer<typeof probeShape>

const body = z.looseObject({ url })
const reason = z.string().max(2_000)
export const addCameraBody = z
  .strictObject({ body, reason, ...login })
  .refine(together, TOGETHER)
  .refine(
    (said) => said.user === undefined || said.body.credentialsFile === undefined,
    'a login is kept in a file of its own: leave credentialsFile out',
  )

export const changeLoginBody = z.strictObject({ version: z.int().min(1), user, password, reason })

/** A camera as it was saved, with where its login lies on the server's disk. */
export const addedCameraShape = z.object({
  item: configViewShape,
  credentialsFile: z.string().nullable(),
  from: z.enum(['worker', 'api']),
})
export type AddedCamera = z.infer<typeof addedCameraShape>
