import { queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import type { ConfigItem, configFaultsShape } from '../../../../core/api/config.ts'
import type { Retention } from '../../../../core/api/retention.ts'
import type { channelTrialShape, routeTrialBody, routeTrialShape } from '../../../../core/api/routing.ts'
import type { AccountItem } from '../../../../core/api/users.ts'
import type { Body } from '../admin/body.ts'
import { get, send } from './http.ts'
import type { ConfigVersionItem } from './rules.ts'

/** What the administration page changes. Cameras have pages of their own. */
export type AdminKind = 'user' | 'department' | 'route'
export type RouteTrial = z.infer<typeof routeTrialShape>
export type ChannelAnswer = z.infer<typeof channelTrialShape>['items'][number]

type Fault = z.infer<typeof configFaultsShape>['faults'][number]

const objectPath = (kind: AdminKind, id: string, rest = '') =>
  `/config/${kind}/${encodeURIComponent(id)}${rest}`
const items = <T>(path: string, signal?: AbortSignal) =>
  get<{ readonly items: readonly T[] }>(path, {}, signal).then((answer) => answer.items)

export const configQuery = (kind: AdminKind) =>
  queryOptions({
    queryKey: ['config', kind],
    queryFn: ({ signal }) => items<ConfigItem>(`/config/${kind}`, signal),
    staleTime: 0,
  })

export const versionsQuery = (kind: AdminKind, id: string) =>
  queryOptions({
    queryKey: ['config', kind, id, 'versions'],
    queryFn: ({ signal }) => items<ConfigVersionItem>(objectPath(kind, id, '/versions'), signal),
    staleTime: 0,
  })

/** What the server would refuse in this body. */
export const checkQuery = (kind: AdminKind, id: string, body: Body, enabled: boolean) =>
  queryOptions({
    queryKey: ['config-check', kind, id, JSON.stringify(body)],
    queryFn: async () =>
      (await send<{ readonly faults: readonly Fault[] }>('POST', objectPath(kind, id, '/check'), { body }))
        .faults,
    enabled,
    staleTime: 0,
    gcTime: 0,
  })

export const saveObject = (
  kind: AdminKind,
  id: string,
  change: {
    readonly version: number | null
    readonly body: Body
    readonly reason: string
    readonly position?: number
  },
) => send<ConfigItem>('POST', objectPath(kind, id), change)

export const removeObject = (
  kind: AdminKind,
  id: string,
  change: { readonly version: number; readonly reason: string },
) => send<unknown>('POST', objectPath(kind, id, '/remove'), change)

export const handObject = (
  kind: AdminKind,
  id: string,
  change: { readonly version: number; readonly to: 'file' | 'desk'; readonly reason: string },
) => send<ConfigItem>('POST', objectPath(kind, id, '/hand'), change)

export const accountsQuery = queryOptions({
  queryKey: ['config', 'accounts'],
  queryFn: ({ signal }) => items<AccountItem>('/users', signal),
  staleTime: 0,
})

export const makePassword = (name: string, reason: string) =>
  send<{ readonly name: string; readonly password: string }>(
    'POST',
    `/users/${encodeURIComponent(name)}/password`,
    { reason },
  )

export const retentionQuery = queryOptions({
  queryKey: ['config', 'retention'],
  queryFn: ({ signal }) => get<Retention>('/retention', {}, signal),
})

export const tryRoute = (matter: z.input<typeof routeTrialBody>) =>
  send<RouteTrial>('POST', '/routes/trial', matter)

/** `place` 1 is the department's first channel. A real message goes out. */
export const testChannel = (department: string, place: number) =>
  send<{ readonly items: readonly ChannelAnswer[] }>(
    'POST',
    `/departments/${encodeURIComponent(department)}/channels/${place}/test`,
  ).then((answer) => answer.items)
