import { z } from 'zod'
import { PROBE_PROBLEMS, PULL_CAUSES } from '../camera-setup.ts'
import { cameraUrlFault } from '../config/camera-url.ts'
import { polygonSchema } from '../config/shared.ts'
import { configViewShape } from './config.ts'
import { ruled } from './schema-fault.ts'

const url = z.string().superRefine((text, context) => {
  const fault = cameraUrlFault(text)
  if (fault)
    context.addIssue({
      code: 'custom',
      // The address is not repeated: it may hold what should never stand in it.
      message: `${fault}: give rtsp://, http:// or https:// with a host, without user and password, at most 1000 characters; files and paths are for the city file`,
      ...ruled('camera_url'),
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
const TOGETHER = { error: 'user and password come together', ...ruled('login_pair') }

export const probeBody = z.strictObject({ url, ...login }).refine(together, TOGETHER)

/** From the pages' server to a worker: it knows the configuration. Without `hide` heads are hidden. */
export const workerProbeBody = z
  .strictObject({
    url,
    ...login,
    hide: z.strictObject({ masking: z.enum(['heads', 'frame']), privacy: z.array(polygonSchema) }).optional(),
  })
  .refine(together, TOGETHER)

export const probeShape = z.object({
  /** Who looked: the worker's name; null: the process of these pages, which pulls cameras itself. */
  worker: z.string().nullable(),
  /** Workers that looked before and could not reach it, although the camera may become theirs. */
  unreached: z.array(z.string()),
  seen: z
    .object({
      /** RFC 6381. */
      codec: z.string(),
      codecName: z.enum(['H.264', 'H.265']),
      /** What is encoded as H.264 on the way, for example `mjpeg`; null: copied. */
      encodedFrom: z.string().nullable(),
      width: z.int(),
      height: z.int(),
      /** Measured from the stream's own times. */
      fps: z.number(),
      kbitPerSecond: z.number(),
      /** The longest interval seen; null: no second key frame came in `watchedSeconds`. */
      keyFrameSeconds: z.number().nullable(),
      /** Pictures are sent in another order than they are shown. */
      bFrames: z.boolean(),
      clock: z.object({ kind: z.enum(['arrival', 'rtcp', 'media']), errorMs: z.number() }),
      /** Media seconds per wall second, 1 when the camera's clock is right; null: too short to say. */
      clockRate: z.number().nullable(),
      firstPictureMs: z.number(),
      watchedSeconds: z.number(),
      /** Most costly first. */
      problems: z.array(z.enum(PROBE_PROBLEMS)),
    })
    .nullable(),
  /** Masked as the camera of this address is, else as one is by default; JPEG as base64. Null: nothing was seen, or the picture was damaged. */
  picture: z.object({ jpeg: z.string(), capturedAt: z.iso.datetime() }).nullable(),
  /** Why nothing was seen: `camera_*`, `source_invalid`, `config_invalid`; `probe_limit`: it took longer than a look may. */
  failure: z.object({ code: z.string(), cause: z.enum(PULL_CAUSES).nullable() }).nullable(),
})
export type CameraProbed = z.infer<typeof probeShape>

/** What pages are told: the workers know no configuration. */
export const probeAnswerShape = probeShape.extend({
  /** The configured camera at this address, or of which it is another stream; not `sure`: probably, as far as the address tells. */
  configured: z.object({ id: z.string(), sure: z.boolean() }).nullable(),
})
export type ProbeAnswer = z.infer<typeof probeAnswerShape>

const body = z.looseObject({ url })
const reason = z.string().max(2_000)
export const addCameraBody = z
  .strictObject({ body, reason, ...login })
  .refine(together, TOGETHER)
  .refine((said) => said.user === undefined || said.body.credentialsFile === undefined, {
    error: 'a login is kept in a file of its own: leave credentialsFile out',
    ...ruled('login_kept'),
  })

export const changeLoginBody = z.strictObject({ version: z.int().min(1), user, password, reason })

/** A camera as it was saved, with where its login lies on the server's disk. */
export const addedCameraShape = z.object({
  item: configViewShape,
  credentialsFile: z.string().nullable(),
  /** `worker`: the process that pulls cameras reads it there; `api`: workers are other machines, and need a copy. */
  from: z.enum(['worker', 'api']),
})
export type AddedCamera = z.infer<typeof addedCameraShape>
