import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { AuditEntry, AuditTree } from '../../../../core/api/audit.ts'
import { apiUrl, get } from './http.ts'
import type { List } from './types.ts'

/** What is searched for; times are ISO 8601. */
export interface AuditAsk {
  readonly who: string | null
  readonly object: string | null
  readonly action: string | null
  readonly from: string | null
  readonly to: string | null
}

/** Each call is an entry of the log itself: nothing is asked again that nobody asked for. */
export const auditQuery = (ask: AuditAsk) =>
  infiniteQueryOptions({
    queryKey: ['audit', 'entries', ask],
    queryFn: ({ pageParam, signal }) =>
      get<List<AuditEntry>>('/audit', { ...ask, cursor: pageParam, limit: 100 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })

export const auditTreeQuery = queryOptions({
  queryKey: ['audit', 'tree'],
  queryFn: ({ signal }) => get<AuditTree>('/audit/tree', {}, signal),
  refetchInterval: 60_000,
})

export const auditSheetUrl = (ask: AuditAsk): string => apiUrl('/audit.csv', { ...ask })
export const auditProofUrl = (pos: string): string => apiUrl('/audit/proof', { pos })
