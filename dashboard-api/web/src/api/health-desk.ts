import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { CoverageDay, WorkerItem } from '../../../../core/api/health-desk.ts'
import { get } from './http.ts'

/** `day` of the city; null: today. Read again each minute while it is looked at. */
export const coverageDayQuery = (day: string | null) =>
  queryOptions({
    queryKey: ['health', 'coverage', day],
    queryFn: ({ signal }) => get<CoverageDay>('/coverage/day', { day }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  })

export const workersQuery = queryOptions({
  queryKey: ['health', 'workers'],
  queryFn: ({ signal }) =>
    get<{ readonly items: readonly WorkerItem[]; readonly at: string }>('/health/workers', {}, signal),
  refetchInterval: 30_000,
})
