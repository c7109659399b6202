import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { CaseCounts, SavedView } from '../../../../core/api/case-lists.ts'
import { apiUrl, get, send } from './http.ts'
import type { CaseItem, List } from './types.ts'

/** What a list of open cases is narrowed by. */
export interface CaseListFilter {
  readonly state: string
  readonly department: string | null
  readonly group: string | null
  readonly q: string | null
}

export const dueCasesQuery = (filter: CaseListFilter) =>
  infiniteQueryOptions({
    queryKey: ['cases', 'due', filter],
    queryFn: ({ pageParam, signal }) =>
      get<List<CaseItem>>('/cases', { ...filter, sort: 'due', cursor: pageParam, limit: 100 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })

export const caseCountsQuery = (filter: Pick<CaseListFilter, 'department' | 'q'>) =>
  queryOptions({
    queryKey: ['cases', 'counts', filter],
    queryFn: ({ signal }) => get<CaseCounts>('/cases/counts', { ...filter }, signal),
    // Cases become due without a change in the log.
    refetchInterval: 60_000,
  })

export const caseSheetUrl = (filter: CaseListFilter, language: string): string =>
  apiUrl('/cases.xlsx', { ...filter, sort: 'due', lang: language === 'en' ? 'en' : 'zh' })

type Views = { readonly items: readonly SavedView[] }
const viewsPath = (page: string) => `/views/${encodeURIComponent(page)}`

export const savedViewsQuery = (page: string) =>
  queryOptions({
    queryKey: ['views', page],
    queryFn: ({ signal }) => get<Views>(viewsPath(page), {}, signal),
    staleTime: 60_000,
  })
export const saveView = (page: string, view: SavedView) => send<Views>('POST', viewsPath(page), view)
export const removeView = (page: string, name: string) =>
  send<Views>('POST', `${viewsPath(page)}/remove`, { name })
