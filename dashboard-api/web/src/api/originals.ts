import { queryOptions } from '@tanstack/react-query'
import type { OriginalRequest, Originals } from '../../../../core/api/originals.ts'
import { apiUrl, get, send } from './http.ts'

/** What may be asked for. */
export interface Sealed {
  readonly kind: OriginalRequest['kind']
  readonly id: string
}

export const originalsQuery = queryOptions({
  queryKey: ['originals'],
  queryFn: ({ signal }) => get<Originals>('/originals', {}, signal),
  staleTime: 0,
})

export const askOriginal = ({ kind, id }: Sealed, reason: string) =>
  send<OriginalRequest>('POST', '/originals', { [kind]: id, reason })

export const decideOriginal = (id: string, approved: boolean, reason: string) =>
  send<OriginalRequest>('POST', `/originals/${encodeURIComponent(id)}/decision`, { approved, reason })

/** Each opening is a look that the server writes down. `reason`: where one person is enough. */
export const originalUrl = (
  { kind, id }: Sealed,
  piece: 'still.jpg' | 'clip.mp4',
  reason: string | null,
): string =>
  apiUrl(`/${kind === 'recording' ? 'recordings' : 'alerts'}/${encodeURIComponent(id)}/${piece}`, {
    variant: 'original',
    reason,
  })
