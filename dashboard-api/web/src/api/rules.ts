import { queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import type { CameraRulesItem, ConfigItem, configVersionsShape } from '../../../../core/api/config.ts'
import { liveStillUrl } from './cameras.ts'
import { get, send } from './http.ts'
import { networkError, problemError } from './problem.ts'
import { fetchPreview } from './recordings.ts'

export type { CameraRulesItem, ConfigItem }
export type ConfigVersionItem = z.infer<typeof configVersionsShape>['items'][number]

const configPath = (id: string, rest = '') => `/config/camera/${encodeURIComponent(id)}${rest}`

/** What a camera watches, for everybody who may know. */
export const cameraRulesQuery = (id: string) =>
  queryOptions({
    queryKey: ['camera-rules', id],
    queryFn: ({ signal }) => get<CameraRulesItem>(`/cameras/${encodeURIComponent(id)}/rules`, {}, signal),
    refetchOnWindowFocus: true,
    staleTime: 0,
  })

/** The whole body of a camera, which a change has to send back; null: there is no such camera. */
export async function readCameraBody(id: string): Promise<ConfigItem | null> {
  const { items } = await get<{ readonly items: readonly ConfigItem[] }>('/config/camera')
  return items.find((item) => item.id === id) ?? null
}

export const cameraVersionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['camera-versions', id],
    queryFn: async ({ signal }) => {
      const path = configPath(id, '/versions')
      return (await get<{ readonly items: readonly ConfigVersionItem[] }>(path, {}, signal)).items
    },
    staleTime: 0,
  })

export const saveCamera = (
  id: string,
  change: { readonly version: number; readonly body: ConfigItem['body']; readonly reason: string },
): Promise<ConfigItem> => send('POST', configPath(id), change)

export const handCamera = (
  id: string,
  change: { readonly version: number; readonly to: 'file' | 'desk'; readonly reason: string },
): Promise<ConfigItem> => send('POST', configPath(id, '/hand'), change)

export interface Still {
  readonly picture: ImageBitmap
  /** Epoch ms; null: the server did not say. */
  readonly capturedAt: number | null
}

/** The newest masked picture of a camera. Each call is a look that the server writes down. */
export async function fetchLiveStill(camera: string, purpose: string, signal: AbortSignal): Promise<Still> {
  let response: Response
  try {
    response = await fetch(liveStillUrl(camera, purpose), {
      ...{ signal, cache: 'no-store', credentials: 'same-origin' },
    })
  } catch (cause) {
    if (signal.aborted) throw cause
    throw networkError(cause)
  }
  if (!response.ok) throw problemError(response.status, await response.json().catch(() => null))
  const said = response.headers.get('X-Captured-At') ?? ''
  const at = Number(said) || Date.parse(said)
  return {
    picture: await createImageBitmap(await response.blob()),
    capturedAt: Number.isNaN(at) ? null : at,
  }
}

/** A masked picture of an earlier time out of the recording; null: there is none near it. */
export const fetchEarlierStill = (camera: string, at: number, signal: AbortSignal): Promise<Still | null> =>
  fetchPreview(camera, at, 1_280, signal)
