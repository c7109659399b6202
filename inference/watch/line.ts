import { createHash } from 'node:crypto'
import type { Frame } from '../../core/frame.ts'
import type { EventChange } from './lifecycle.ts'

/** One line of `watch --json` (DESIGN 3.1). */
export interface WatchLine {
  /** Media seconds of the picture at which the line was decided. */
  readonly t: number
  readonly kind: 'start' | 'update' | 'end'
  readonly id: string
  readonly type: string
  readonly severity: number
  readonly zone: string | null
  readonly score: number
  /** Media seconds at which the hazard began. */
  readonly since: number
}

/** `frame` is the picture whose `step` gave the change. */
export function watchLine(
  { kind, event }: EventChange,
  frame: Pick<Frame, 'mediaMs' | 'capturedAt'>,
): WatchLine {
  const since = frame.mediaMs - (frame.capturedAt - event.since)
  return {
    t: seconds(frame.mediaMs),
    kind,
    id: event.id,
    type: event.type,
    severity: event.severity,
    zone: event.zone,
    score: Math.round(event.score * 1000) / 1000,
    since: Math.max(0, seconds(since)),
  }
}

const seconds = (ms: number) => Math.round(ms) / 1000

/** Event ids for a film: the n-th event of a film has the same UUID in every run. Version 8 (RFC 9562: own layout). */
export function filmIds(film: string): () => string {
  let n = 0
  return () => {
    const hex = createHash('sha256').update(`${film}\n${n++}`).digest('hex')
    const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16)
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  }
}
