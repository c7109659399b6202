import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { claim, claimsQuery, unclaim } from '../api/desk.ts'
import { hasRole, useSession } from '../session/session.ts'

/** Who passes over a row with `j` does not look at it. */
const DWELL_MS = 400
/** The claim is good for 30 s. */
const RENEW_MS = 12_000

/** Tells the others that this person has the alert open, as long as it is. A claim that fails is only not seen. */
export function useClaim(id: string): void {
  const client = useQueryClient()
  const operator = hasRole(useSession(), 'operator')
  useEffect(() => {
    if (!operator) return
    let held = false
    const take = () => {
      if (document.hidden) return
      held = true
      claim(id)
        .then(() => client.invalidateQueries({ queryKey: claimsQuery.queryKey }))
        .catch(() => undefined)
    }
    const first = setTimeout(take, DWELL_MS)
    const renew = setInterval(take, RENEW_MS)
    return () => {
      clearTimeout(first)
      clearInterval(renew)
      if (held) unclaim(id).catch(() => undefined)
    }
  }, [id, operator, client])
}

/** Names of the others who have an alert open, by alert. */
export function useLookers(): ReadonlyMap<string, readonly string[]> {
  const session = useSession()
  const { data } = useQuery({
    ...claimsQuery,
    enabled: hasRole(session, 'operator'),
    // A desk that has died says nothing: its claims run out by time.
    refetchInterval: ({ state }) => ((state.data?.items.length ?? 0) > 0 ? 15_000 : false),
  })
  return useMemo(() => {
    const lookers = new Map<string, readonly string[]>()
    for (const { alert, who } of data?.items ?? []) {
      if (who !== session.name) lookers.set(alert, [...(lookers.get(alert) ?? []), who])
    }
    return lookers
  }, [data, session.name])
}
