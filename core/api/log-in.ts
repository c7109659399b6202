import { z } from 'zod'

/** Ways to log in besides a password. */
export const logInWaysShape = z.object({
  oidc: z.object({ button: z.string().nullable() }).nullable(),
})
export type LogInWays = z.infer<typeof logInWaysShape>

/** Why a log-in by the identity provider failed, as the log-in page is told by its `oidc` parameter. */
export const OIDC_FAULTS = [
  'provider_away',
  'provider_refused',
  'not_this_browser',
  'answer_invalid',
  'unknown_user',
] as const
export type OidcFault = (typeof OIDC_FAULTS)[number]
