import { queryOptions } from '@tanstack/react-query'
import type {
  AlertGroups,
  Claim,
  Desk,
  GroupVerdictAnswer,
  OpenMatters,
  Shift,
} from '../../../../core/api/desk.ts'
import type { VerdictInput } from './alerts.ts'
import { get, send } from './http.ts'

const ofAlert = (id: string, path: string) => `/alerts/${encodeURIComponent(id)}/${path}`

export const deskQuery = queryOptions({
  queryKey: ['desk'],
  queryFn: ({ signal }) => get<Desk>('/desk', {}, signal),
  // News comes by the stream; that ten minutes have passed since an alarm is no news.
  refetchInterval: 30_000,
})

export const groupsQuery = queryOptions({
  queryKey: ['groups'],
  queryFn: ({ signal }) => get<AlertGroups>('/desk/groups', {}, signal),
})

export const claimsQuery = queryOptions({
  queryKey: ['claims'],
  queryFn: ({ signal }) => get<{ items: readonly Claim[] }>('/claims', {}, signal),
})

export const openMattersQuery = queryOptions({
  queryKey: ['desk', 'open'],
  queryFn: ({ signal }) => get<OpenMatters>('/shifts/open', {}, signal),
  staleTime: 0,
})

export const claim = (id: string) => send<{ items: readonly Claim[] }>('POST', ofAlert(id, 'claim'))
export const unclaim = (id: string) => send<null>('DELETE', ofAlert(id, 'claim'))
export const undoVerdict = (id: string) => send<unknown>('POST', ofAlert(id, 'verdict/undo'))
export const withdrawVerdict = (id: string, reason: string) =>
  send<unknown>('POST', ofAlert(id, 'verdict/withdraw'), { reason })
export const muteAlert = (id: string, input: { until: string; reason: string }) =>
  send<unknown>('POST', ofAlert(id, 'mute'), input)
export const unmuteAlert = (id: string) => send<unknown>('DELETE', ofAlert(id, 'mute'))

export const judgeGroup = (alerts: readonly string[], input: VerdictInput) =>
  send<GroupVerdictAnswer>('POST', '/desk/verdicts', { alerts, ...input })

export const startShift = (taken: readonly string[]) => send<Shift>('POST', '/shifts', { taken })
export const endShift = (note: string) => send<Shift>('POST', '/shifts/end', { note })
export const takeShift = (id: string) => send<Shift>('POST', `/shifts/${encodeURIComponent(id)}/take`)
