import type { Change } from '../api/types.ts'

export type Tone = 'test' | 'urgent' | 'high' | 'stale'

/** Severity 1 sounds again after this until somebody has acknowledged or judged it. */
export const REPEAT_MS = 15_000
const MAX_RINGING = 50

export interface Alarms {
  /** The tone of a change; null: silence. */
  hear(change: Pick<Change, 'topic' | 'key' | 'payload'>, flood: boolean): Tone | null
  /** Alerts of severity 1 that nobody has answered. */
  ringing(): readonly string[]
  /** What rang before the page was opened anew. */
  restore(ids: readonly string[]): void
}

/**
 * What sounds: a new alert, never "any that is open". Severity 1 goes on until it is answered, 2 sounds once, 3 and 4
 * not at all. In a flood one tone for each place and type.
 */
export function createAlarms(): Alarms {
  const ringing = new Set<string>()
  const groups = new Set<string>()
  return {
    hear({ topic, key, payload }, flood) {
      if (topic !== 'alert') return null
      if (!flood) groups.clear()
      const { kind, severity, state, verdict, acknowledgedBy, suppressedBy, camera, type } = payload
      if (acknowledgedBy || verdict || suppressedBy) {
        ringing.delete(key)
        return null
      }
      // A raise to severity 1 is as new as an opening: nobody was told of it.
      const fresh = kind === 'opened' || (kind === 'agreed' && severity === 1 && !ringing.has(key))
      if (!fresh || (severity !== 1 && severity !== 2)) return null
      if (severity === 1 && state !== 'resolved') {
        ringing.add(key)
        const [oldest] = ringing
        if (ringing.size > MAX_RINGING && oldest !== undefined) ringing.delete(oldest)
      }
      const group = `${String(camera)}|${String(type)}`
      if (flood && groups.has(group)) return null
      groups.add(group)
      return severity === 1 ? 'urgent' : 'high'
    },
    ringing: () => [...ringing],
    restore(ids) {
      for (const id of ids.slice(0, MAX_RINGING)) ringing.add(id)
    },
  }
}
