import { queryOptions } from '@tanstack/react-query'
import type { OpenSession } from '../../../../core/api/sessions.ts'
import { get, send } from './http.ts'

export const openSessionsQuery = (of: 'me' | 'all') =>
  queryOptions({
    queryKey: ['sessions', of],
    queryFn: ({ signal }) => get<{ items: OpenSession[] }>('/sessions', { of }, signal),
  })

export const endSession = (id: string) => send('DELETE', `/sessions/${id}`)
export const endOtherSessions = () => send('DELETE', '/sessions')
