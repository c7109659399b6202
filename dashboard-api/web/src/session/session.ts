import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Role } from '../../../../core/actor.ts'
import type { LogInWays } from '../../../../core/api/log-in.ts'
import { apiUrl, get, send } from '../api/http.ts'
import { toApiError } from '../api/problem.ts'
import type { Session } from '../api/types.ts'
import { showFault } from '../parts/fault.ts'
import { serverClock } from '../time/server-clock.ts'

/** Who is logged in; null: nobody. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      const session = await get<Session>('/session', {}, signal)
      serverClock.anchor(Date.parse(session.now))
      return session
    } catch (thrown) {
      if (toApiError(thrown).status !== 401) throw thrown
      showFault(null) // whoever comes next at this page does not read what failed for the one before
      return null
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
})

/** The session of a page behind the log-in. */
export function useSession(): Session {
  const { data } = useQuery(sessionQuery)
  if (!data) throw new Error('useSession is for pages behind the log-in')
  return data
}

export const hasRole = (session: Session, ...roles: readonly Role[]): boolean =>
  roles.some((role) => session.roles.includes(role))

/** Logs out, and leaves nothing of this person's data in the page's memory. */
export function useLogOut(): () => Promise<void> {
  const client = useQueryClient()
  return async () => {
    await send('DELETE', '/session')
    // The phone's page keeps its list for reading without a network; what waits to be sent stays.
    const { forgetKept } = await import('../field/store/kept.ts')
    await forgetKept().catch(() => undefined) // a browser that keeps nothing has nothing to forget
    showFault(null)
    client.setQueryData(sessionQuery.queryKey, null)
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
  }
}

/** Ways to log in besides a password. */
export const logInWaysQuery = queryOptions({
  queryKey: ['session', 'ways'],
  queryFn: ({ signal }) => get<LogInWays>('/session/ways', {}, signal),
  staleTime: Number.POSITIVE_INFINITY,
})

/** Where the browser goes to log in at the identity provider, to come back to `next`. */
export const oidcUrl = (next: string): string => apiUrl('/session/oidc', { next: next === '/' ? null : next })

export async function logIn(name: string, password: string): Promise<void> {
  await send('POST', '/session', { name, password })
}

export async function changePassword(current: string, next: string): Promise<void> {
  await send('POST', '/session/password', { current, next })
}

/** What of the app is for whom. The server decides; this only spares people doors that are closed to them. */
export const homeOf = (session: Session): string =>
  hasRole(session, 'operator', 'investigator', 'auditor', 'admin') || !hasRole(session, 'officer', 'verifier')
    ? '/alerts'
    : hasRole(session, 'officer')
      ? '/department'
      : '/cases'
