import { queryOptions } from '@tanstack/react-query'
import { apiUrl, get } from './http.ts'
import type { CameraItem, DepartmentItem, Health, List } from './types.ts'

export const camerasQuery = queryOptions({
  queryKey: ['cameras'],
  queryFn: ({ signal }) => get<List<CameraItem>>('/cameras', {}, signal),
  // Attention and age move all the time without a change in the log: the list is read again while it is looked at.
  refetchInterval: 10_000,
})

export const liveStillUrl = (id: string): string => apiUrl(`/cameras/${encodeURIComponent(id)}/live.jpg`)

export function liveSocketUrl(id: string, purpose: string): string {
  const url = new URL(apiUrl(`/cameras/${encodeURIComponent(id)}/live`, { purpose }), location.href)
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
