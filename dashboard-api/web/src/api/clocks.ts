import { queryOptions } from '@tanstack/react-query'
import type { WorkingHours } from '../../../../core/api/clocks.ts'
import { get } from './http.ts'

export const workingHoursQuery = queryOptions({
  queryKey: ['working-hours'],
  queryFn: ({ signal }) => get<WorkingHours>('/working-hours', {}, signal),
  staleTime: 3_600_000,
})
