import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { Verdict } from '../../../../core/alert.ts'
import { apiUrl, get, send } from './http.ts'
import type { AlertDetail, AlertItem, List } from './types.ts'

export interface AlertFilter {
  readonly state: string | null
  readonly verdict: string | null
  readonly severity: string | null
  readonly camera: string | null
  readonly type?: string | null
  readonly muted?: string | null
}

const PAGE = 50

export const alertsQuery = (filter: AlertFilter) =>
  infiniteQueryOptions({
    queryKey: ['alerts', filter],
    queryFn: ({ pageParam, signal }) =>
      get<List<AlertItem>>('/alerts', { ...filter, cursor: pageParam, limit: PAGE }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })

export const alertQuery = (id: string) =>
  queryOptions({
    queryKey: ['alert', id],
    queryFn: ({ signal }) => get<AlertDetail>(`/alerts/${encodeURIComponent(id)}`, {}, signal),
    // The clip is written for up to a minute; its end is announced, and asked for in case the news is lost.
    refetchInterval: (query) => (query.state.data?.clip === 'pending' ? 15_000 : false),
  })

/** `camera`: one of the alert's `pictures`; null: its own. */
export const stillUrl = (id: string, size: 'full' | 'thumb', camera: string | null = null): string =>
  apiUrl(`/alerts/${encodeURIComponent(id)}/still.jpg`, {
    variant: 'masked',
    size: size === 'thumb' ? size : null,
    camera,
  })
export const clipUrl = (id: string, camera: string | null = null): string =>
  apiUrl(`/alerts/${encodeURIComponent(id)}/clip.mp4`, { camera })

export interface VerdictInput {
  readonly verdict: Verdict
  readonly reason?: string
  readonly note?: string
}

export const giveVerdict = (id: string, input: VerdictInput) =>
  send<unknown>('POST', `/alerts/${encodeURIComponent(id)}/verdict`, input)

export const acknowledge = (id: string) =>
  send<unknown>('POST', `/alerts/${encodeURIComponent(id)}/acknowledge`)

export const retryNotification = (id: string) =>
  send<unknown>('POST', `/notifications/${encodeURIComponent(id)}/retry`)
