import { z } from 'zod'

const at = z.iso.datetime()

/** One log-in that is going on. */
export const openSessionShape = z.object({
  /** Names it for ending; not what the cookie holds. */
  id: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string(),
  /** The one that asks. */
  mine: z.boolean(),
  since: at,
  lastUse: at,
  /** When it ends by itself: four hours after the last use, twelve after the log-in at the latest. */
  until: at,
  /** Of the log-in; null: it was not noted. */
  address: z.string().nullable(),
  /** User-Agent of the log-in. */
  browser: z.string().nullable(),
})
export const openSessionsShape = z.object({ items: z.array(openSessionShape) })
export const endedSessionsShape = z.object({ ended: z.int() })

export type OpenSession = z.infer<typeof openSessionShape>
