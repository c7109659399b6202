import { z } from 'zod'

/** How people log in, beside what the configuration says of them. */
export const accountsShape = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      /** `one_time`: must be changed at the next log-in; `none`: this person cannot log in by password. */
      password: z.enum(['set', 'one_time', 'none']),
      /** When the password was set; null: there is none. */
      since: z.iso.datetime().nullable(),
    }),
  ),
})
export type AccountItem = z.infer<typeof accountsShape>['items'][number]

export const oneTimePasswordBody = z.strictObject({ reason: z.string().trim().min(1).max(500) })
export const oneTimePasswordShape = z.object({
  name: z.string(),
  /** Shown once: only its hash is kept. */
  password: z.string(),
})
