import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { CaseCommand, FileCase } from '../../../../core/case/command.ts'
import { apiUrl, get, send } from './http.ts'
import type { CaseDetail, CaseItem, List } from './types.ts'

export interface CaseFilter {
  readonly state: string | null
  readonly department: string | null
  readonly mine: boolean | null
}

export const casesQuery = (filter: CaseFilter) =>
  infiniteQueryOptions({
    queryKey: ['cases', filter],
    queryFn: ({ pageParam, signal }) =>
      get<List<CaseItem>>(
        '/cases',
        { ...filter, mine: filter.mine ? 'true' : null, cursor: pageParam, limit: 100 },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })

export const caseQuery = (no: string) =>
  queryOptions({
    queryKey: ['case', no],
    queryFn: ({ signal }) => get<CaseDetail>(`/cases/${encodeURIComponent(no)}`, {}, signal),
  })

export const fileCase = (input: FileCase) =>
  send<{ no: string; state: string; version: number }>('POST', '/cases', input)

export const commandCase = (no: string, command: CaseCommand) =>
  send<unknown>('POST', `/cases/${encodeURIComponent(no)}/commands`, command)

export function attach(no: string, file: File): Promise<{ id: string; sha256: string }> {
  const form = new FormData()
  form.append('file', file)
  return send('POST', `/cases/${encodeURIComponent(no)}/attachments`, form)
}

export const attachmentUrl = (no: string, id: string): string =>
  apiUrl(`/cases/${encodeURIComponent(no)}/attachments/${encodeURIComponent(id)}`)
