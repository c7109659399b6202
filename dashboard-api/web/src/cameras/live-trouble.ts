import type { CameraItem } from '../api/types.ts'
import type { LiveView } from '../video/live-view.ts'

export interface LiveTrouble {
  /** A word of the dictionary under `live.trouble`. */
  readonly kind: string
  readonly values: Readonly<Record<string, string>>
  readonly bad: boolean
  readonly since?: string
  /** A close code of the server, or the status of a refusal. */
  readonly code?: number | null
  readonly error?: unknown
}

/**
 * The first cause that explains what is on screen: no right, then what is wrong at the camera, then on the way here,
 * then why this is not the camera's own stream. Null: nothing is wrong.
 */
export function liveTrouble(
  camera: Pick<CameraItem, 'state' | 'since' | 'live' | 'codec'>,
  { way, state, stillError }: LiveView,
  coveredSince: string | null,
): LiveTrouble | null {
  const trouble = (kind: string, more: Partial<LiveTrouble> = {}): LiveTrouble => ({
    kind,
    values: {},
    bad: true,
    ...more,
  })
  const since = camera.since === null ? {} : { since: camera.since }
  if (state.kind === 'refused') {
    const kind = state.code === 403 || state.code === 404 ? 'noRight' : 'refused'
    return trouble(kind, { code: state.code, values: { reason: state.reason } })
  }
  if (camera.state === 'offline' || camera.state === 'stalled' || camera.state === 'unassigned')
    return trouble(camera.state, since)
  if (coveredSince !== null) return trouble('covered', { since: coveredSince })
  if (way === 'stills') {
    if (stillError !== null) return trouble('still', { error: stillError })
    if (state.kind === 'noRoom') return trouble('noRoom', { bad: false })
    return trouble(camera.live === 'stills' || state.kind === 'masked' ? 'masked' : 'stills', { bad: false })
  }
  if (state.kind === 'stalled')
    return trouble('reconnecting', { code: state.code, values: { reason: state.reason ?? '' } })
  if (way === 'mpeg1') return trouble('slow', { bad: false, values: { codec: camera.codec ?? '?' } })
  return state.kind === 'connecting' ? trouble('connecting', { bad: false }) : null
}

/** Why, in the reader's words where the dictionary has them; else as the server or the browser says it, in English. */
export function troubleReason(
  code: number | null,
  reason: string,
  { t, exists }: { readonly t: (key: string) => string; readonly exists: (key: string) => boolean },
): { readonly text: string; readonly lang?: 'en' } {
  if (code !== null && exists(`live.close.${code}`)) return { text: t(`live.close.${code}`) }
  if (reason && exists(`live.fault.${reason}`)) return { text: t(`live.fault.${reason}`) }
  return { text: reason, lang: 'en' }
}
