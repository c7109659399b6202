import { queryOptions } from '@tanstack/react-query'
import type { Around } from '../../../../core/api/around.ts'
import { get } from './http.ts'

/** Under the alert's own key: what changes the alert makes this be read again. */
export const aroundQuery = (id: string) =>
  queryOptions({
    queryKey: ['alert', id, 'around'],
    queryFn: ({ signal }) => get<Around>(`/alerts/${encodeURIComponent(id)}/around`, {}, signal),
  })
