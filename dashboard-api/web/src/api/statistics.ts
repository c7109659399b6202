import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { AlarmStatistics, Statistics } from '../../../../core/api/statistics.ts'
import { apiUrl, get } from './http.ts'
import type { AlertItem, CaseItem, List } from './types.ts'

/** What is asked of the statistics, as it stands in the URL; null: the server's default. */
export interface StatisticsAsk {
  readonly from: string | null
  readonly to: string | null
  readonly by: string
  readonly type: string | null
  readonly department: string | null
}

export const statisticsQuery = (ask: StatisticsAsk) =>
  queryOptions({
    queryKey: ['statistics', ask],
    queryFn: ({ signal }) => get<Statistics>('/statistics', { ...ask }, signal),
    placeholderData: keepPreviousData,
  })

export const alarmStatisticsQuery = ({ from, to }: Pick<StatisticsAsk, 'from' | 'to'>) =>
  queryOptions({
    queryKey: ['statistics', 'alarms', from, to],
    queryFn: ({ signal }) => get<AlarmStatistics>('/statistics/alarms', { from, to }, signal),
    placeholderData: keepPreviousData,
  })

export const statisticsSheetUrl = (ask: StatisticsAsk, lang: 'zh' | 'en'): string =>
  apiUrl('/statistics.xlsx', { ...ask, lang })

/** The list behind a figure; the parameters go to the server as they stand in the URL. */
const listQuery = <T>(path: string, asked: string) =>
  infiniteQueryOptions({
    queryKey: ['statistics', path, asked],
    queryFn: ({ pageParam, signal }) =>
      get<List<T>>(
        path,
        { ...Object.fromEntries(new URLSearchParams(asked)), cursor: pageParam, limit: 100 },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })
export const figureCasesQuery = (asked: string) => listQuery<CaseItem>('/statistics/cases', asked)
export const figureAlertsQuery = (asked: string) => listQuery<AlertItem>('/statistics/alerts', asked)
