import { queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import type { ImportCheck, Imported, ImportFault } from '../../../../core/api/camera-import.ts'
import type { AddedCamera, ProbeAnswer } from '../../../../core/api/camera-setup.ts'
import type { ConfigItem, configRemovedShape } from '../../../../core/api/config.ts'
import { get, send } from './http.ts'
import type { CameraItem } from './types.ts'

export type { AddedCamera, ImportCheck, Imported, ImportFault, ProbeAnswer }
export type RemovedCamera = z.infer<typeof configRemovedShape>['items'][number]

/** What is typed to reach a camera; without a user it asks for none. */
export interface Login {
  readonly user: string
  readonly password: string
}

const loginOf = ({ user, password }: Login) => (user === '' ? {} : { user, password })
const configPath = (id: string, rest: string) => `/config/camera/${encodeURIComponent(id)}${rest}`

/** Looks at a camera for some seconds; the server writes it down as a look. */
export const probeCamera = (url: string, login: Login): Promise<ProbeAnswer> =>
  send('POST', '/cameras/probe', { url, ...loginOf(login) })

export const addCamera = (body: ConfigItem['body'], login: Login, reason: string): Promise<AddedCamera> =>
  send('POST', '/cameras', { body, reason, ...loginOf(login) })

export const changeLogin = (
  id: string,
  change: { readonly version: number; readonly reason: string } & Login,
): Promise<AddedCamera> => send('POST', configPath(id, '/login'), change)

export const removeCamera = (
  id: string,
  change: { readonly version: number; readonly reason: string },
): Promise<null> => send('POST', configPath(id, '/remove'), change)

/** A camera that was taken out comes again as it was last. */
export const returnCamera = (id: string, body: ConfigItem['body'], reason: string): Promise<ConfigItem> =>
  send('POST', configPath(id, ''), { version: null, body, reason })

export const checkImport = (text: string): Promise<ImportCheck> =>
  send('POST', '/cameras/import/check', { text })

export const importCameras = (list: {
  readonly text: string
  readonly reason: string
  readonly rightOnly: boolean
  readonly versions: Readonly<Record<string, number>>
}): Promise<Imported> => send('POST', '/cameras/import', list)

export const configuredCamerasQuery = queryOptions({
  queryKey: ['cameras', 'configured'],
  queryFn: ({ signal }) => get<{ readonly items: readonly ConfigItem[] }>('/config/camera', {}, signal),
  staleTime: 0,
})

export const removedCamerasQuery = queryOptions({
  queryKey: ['cameras', 'removed'],
  queryFn: ({ signal }) =>
    get<{ readonly items: readonly RemovedCamera[] }>('/config/camera/removed', {}, signal),
  staleTime: 0,
})

/** One camera while it is waited for. */
export const awaitedCameraQuery = (id: string) =>
  queryOptions({
    queryKey: ['camera-awaited', id],
    queryFn: ({ signal }) => get<CameraItem>(`/cameras/${encodeURIComponent(id)}`, {}, signal),
    refetchInterval: 1_000,
    ...{ staleTime: 0, gcTime: 0 },
  })
