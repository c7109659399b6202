import { queryOptions } from '@tanstack/react-query'
import type { Holds, ListedHold } from '../../../../core/api/holds.ts'
import { get } from './http.ts'

export type { ListedHold }

export const holdsQuery = queryOptions({
  queryKey: ['holds'],
  queryFn: ({ signal }) => get<Holds>('/holds', {}, signal),
})
