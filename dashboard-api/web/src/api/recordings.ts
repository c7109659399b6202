import { queryOptions } from '@tanstack/react-query'
import type { EventItem } from '../../../../core/api/history.ts'
import type { KeptRecording, Recordings } from '../../../../core/api/recordings.ts'
import type { RecordingPart } from '../../../../core/ports/recordings.ts'
import { decodePart } from '../../../../core/recording-wire.ts'
import { apiUrl, get, send } from './http.ts'
import { networkError, problemError } from './problem.ts'
import type { List } from './types.ts'

export type { EventItem, KeptRecording, Recordings }

const iso = (at: number): string => new Date(at).toISOString()
const cameraPath = (id: string, rest: string) => `/cameras/${encodeURIComponent(id)}/${rest}`

/** `growing`: the span is not over, so what is recorded of it grows. */
export const recordingsQuery = (camera: string, from: number, to: number, growing: boolean) =>
  queryOptions({
    queryKey: ['recordings', camera, from, to],
    queryFn: ({ signal }) =>
      get<Recordings>(cameraPath(camera, 'recordings'), { from: iso(from), to: iso(to) }, signal),
    ...(growing ? { refetchInterval: 10_000 } : {}),
  })

/** Beginnings of events; the newest 200 of the span. */
export const eventsQuery = (cameras: readonly string[], from: number, to: number, growing: boolean) =>
  queryOptions({
    queryKey: ['events', cameras.join(), from, to],
    queryFn: ({ signal }) =>
      get<List<EventItem>>(
        '/events',
        { source: cameras.join(), kind: 'start', limit: 200, from: iso(from), to: iso(to) },
        signal,
      ),
    enabled: cameras.length > 0,
    ...(growing ? { refetchInterval: 10_000 } : {}),
  })

export const keptQuery = (camera: string) =>
  queryOptions({
    queryKey: ['kept', camera],
    queryFn: ({ signal }) =>
      get<{ readonly items: readonly KeptRecording[] }>('/recordings', { camera }, signal),
    // Its clips are made one after the other: looked for only while one is missing.
    refetchInterval: ({ state }) =>
      state.data?.items.some(({ pieces }) => pieces.some((piece) => piece.state === 'waiting'))
        ? 2_000
        : false,
  })

export const keptRecordingQuery = (id: string) =>
  queryOptions({
    queryKey: ['kept-recording', id],
    queryFn: ({ signal }) => get<KeptRecording>(`/recordings/${encodeURIComponent(id)}`, {}, signal),
  })

export const keepRecording = (
  camera: string,
  body: { readonly from: string; readonly to: string; readonly reason: string; readonly caseNo?: string },
): Promise<KeptRecording> => send('POST', cameraPath(camera, 'recordings/keep'), body)

export const keptClipUrl = (id: string, piece: number): string =>
  apiUrl(`/recordings/${encodeURIComponent(id)}/clip.mp4`, { piece })
export const keptManifestUrl = (id: string): string => apiUrl(`/recordings/${encodeURIComponent(id)}`)

/** Null: nothing is recorded at `at`. */
export async function fetchPart(
  camera: string,
  at: number,
  ms: number,
  caseNo: string | null,
  signal: AbortSignal,
): Promise<RecordingPart | null> {
  const response = await ask(cameraPath(camera, 'recordings/part'), { at: iso(at), ms, case: caseNo }, signal)
  return response && decodePart(new Uint8Array(await response.arrayBuffer()))
}

/** Null: there is no picture near `at`. */
export async function fetchPreview(
  camera: string,
  at: number,
  width: number,
  signal: AbortSignal,
): Promise<{ readonly picture: ImageBitmap; readonly capturedAt: number } | null> {
  const response = await ask(cameraPath(camera, 'preview.jpg'), { at: iso(at), width }, signal)
  if (!response) return null
  const capturedAt = Date.parse(response.headers.get('X-Captured-At') ?? '')
  return { picture: await createImageBitmap(await response.blob()), capturedAt }
}

async function ask(
  path: string,
  query: Parameters<typeof apiUrl>[1],
  signal: AbortSignal,
): Promise<Response | null> {
  let response: Response
  try {
    response = await fetch(apiUrl(path, query), { signal, credentials: 'same-origin', cache: 'no-store' })
  } catch (cause) {
    if (signal.aborted) throw cause
    throw networkError(cause)
  }
  if (response.ok) return response
  if (response.status === 404) return null
  throw problemError(response.status, await response.json().catch(() => null))
}
