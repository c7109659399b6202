import type { ReplayEntry } from '../../core/api/history.ts'

/** An entry as the story's statement gives it; `body` is built there with the names of the shape. */
export interface ReplayRow {
  readonly at: Date
  readonly micros: string
  readonly rank: number
  readonly key: string
  readonly what: ReplayEntry['what']
  readonly body: Readonly<Record<string, unknown>>
}

/** Times inside a body are as PostgreSQL writes JSON; on the wire they are UTC. */
export function toReplayEntry({ at, key, what, body }: ReplayRow): ReplayEntry {
  const utc = (time: unknown) => new Date(String(time)).toISOString()
  const times = what === 'coverage' ? { from: utc(body.from), to: utc(body.to) } : {}
  return { at: at.toISOString(), what, key, ...body, ...times } as ReplayEntry
}
