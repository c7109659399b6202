import { queryOptions } from '@tanstack/react-query'
import type { BaseMap, MapItems } from '../../../../core/api/map.ts'
import { get } from './http.ts'

export const baseMapQuery = queryOptions({
  queryKey: ['map', 'base'],
  queryFn: ({ signal }) => get<BaseMap>('/map', {}, signal),
  staleTime: 60_000,
})

export const mapItemsQuery = queryOptions({
  queryKey: ['map', 'items'],
  queryFn: ({ signal }) => get<MapItems>('/map/items', {}, signal),
  // As the list of cameras: states move without a change in the log. Read again while it is looked at.
  refetchInterval: 10_000,
})
