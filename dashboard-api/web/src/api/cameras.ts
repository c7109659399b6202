import { queryOptions } from '@tanstack/react-query'
import { apiUrl, get } from './http.ts'
import type { CameraItem, DepartmentItem, Health, List } from './types.ts'

export const camerasQuery = queryOptions({
  queryKey: ['cameras'],
  queryFn: ({ signal }) => get<List<CameraItem>>('/cameras', {}, signal),
  // Attention and age move all the time without a change in the log: the list is read again while it is looked at.
  refetchInterval: 10_000,
})

/** `thumb`: small, for grids. */
export const liveStillUrl = (id: string, purpose: string, size: 'full' | 'thumb' = 'full'): string =>
  apiUrl(`/cameras/${encodeURIComponent(id)}/live.jpg`, { purpose, size: size === 'thumb' ? size : null })

/** `mpeg1`: turned into what a small decoder of the page plays. */
export function liveSocketUrl(id: string, purpose: string, as: 'mpeg1' | null = null): string {
  const url = new URL(apiUrl(`/cameras/${encodeURIComponent(id)}/live`, { purpose, as }), location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}

export const departmentsQuery = queryOptions({
  queryKey: ['departments'],
  queryFn: ({ signal }) => get<{ readonly items: readonly DepartmentItem[] }>('/departments', {}, signal),
  staleTime: 60_000,
})

export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: ({ signal }) => get<Health>('/health', {}, signal),
  refetchInterval: 30_000,
})
