import { infiniteQueryOptions } from '@tanstack/react-query'
import type { ReplayEntry } from '../../../../core/api/history.ts'
import type { PlacedHoldItem } from '../../../../core/api/holds.ts'
import type { PackRequest } from '../../../../core/api/pack.ts'
import { apiUrl, get, send } from './http.ts'
import { networkError, problemError } from './problem.ts'
import type { List } from './types.ts'

const casePath = (no: string) => `/cases/${encodeURIComponent(no)}`

/** What owns evidence: a case by its number, an alert or a kept recording by its id. */
export interface Owner {
  readonly kind: 'case' | 'alert' | 'recording'
  readonly id: string
}

const holdsPath = ({ kind, id }: Owner) => `/${kind}s/${encodeURIComponent(id)}/holds`

export const placeHold = (owner: Owner, reason: string) =>
  send<PlacedHoldItem>('POST', holdsPath(owner), { reason })

export const releaseHold = (owner: Owner, id: string, reason: string) =>
  send<unknown>('DELETE', `${holdsPath(owner)}/${encodeURIComponent(id)}`, { reason })

/** The story of a case, oldest first, in pages. */
export const replayQuery = (no: string) =>
  infiniteQueryOptions({
    // Of the family `case`: what is new in the case is read again.
    queryKey: ['case', no, 'replay'],
    queryFn: ({ pageParam, signal }) =>
      get<List<ReplayEntry>>(`${casePath(no)}/replay`, { cursor: pageParam, limit: 200 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })

export interface Pack {
  readonly blob: Blob
  /** SHA-256 of the manifest, as the case's log has it. */
  readonly manifest: string | null
}

/** Downloads a pack; `onBytes` hears how much is here, of how much (null: the server did not say). */
export async function exportPack(
  no: string,
  body: PackRequest,
  onBytes: (done: number, total: number | null) => void,
  signal: AbortSignal,
): Promise<Pack> {
  try {
    const response = await fetch(apiUrl(`${casePath(no)}/pack`), {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'X-Sharp-Eyes': '1', 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    })
    if (!response.ok || !response.body) {
      throw problemError(response.status, await response.json().catch(() => null))
    }
    const total = Number(response.headers.get('Content-Length')) || null
    let done = 0
    const counted = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          done += chunk.byteLength
          onBytes(done, total)
          controller.enqueue(chunk)
        },
      }),
    )
    const blob = await new Response(counted).blob()
    return { blob, manifest: response.headers.get('X-Manifest-SHA256') }
  } catch (cause) {
    if (signal.aborted || (cause instanceof Error && cause.name === 'ApiError')) throw cause
    throw networkError(cause)
  }
}

/** Hands bytes to the browser's downloads under this name. */
export function saveAs(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser reads it after this task.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
