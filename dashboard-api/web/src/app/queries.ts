import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { toApiError } from '../api/problem.ts'
import { sessionQuery } from '../session/session.ts'

/** The one cache of the app. News comes by the change stream, so nothing is stale by age alone. */
export function createQueries(): QueryClient {
  // The session may end under any call: the next question who is logged in leads to the log-in page.
  const onError = (thrown: unknown) => {
    const { status, code } = toApiError(thrown)
    if (status === 401 || code === 'password_change_required') void client.invalidateQueries(sessionQuery)
  }
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        refetchOnWindowFocus: true, // a tab that slept is current when it is looked at again
        retry: (count, thrown) => {
          const { status } = toApiError(thrown)
          return (status === 0 || status === 429 || status >= 500) && count < 2
        },
      },
      // Whether a command has happened is unknown after a failure: a person decides about a second one.
      mutations: { retry: false, networkMode: 'always' },
    },
  })
  return client
}
