import { type StreamFault, WATCHDOG_MS } from './stream-client.ts'

/** What is known of the stream; shared between tabs, of which one holds it. */
export interface StreamFacts {
  readonly open: boolean
  /** Of the last bytes, epoch ms; null: never yet. */
  readonly lastByteAt: number | null
  readonly downSince: number | null
  readonly fault: StreamFault | null
}

export const STARTING: StreamFacts = { open: false, lastByteAt: null, downSince: null, fault: null }

export type ConnectionView =
  | { readonly kind: 'starting' }
  | { readonly kind: 'live' }
  /** The page may show old data: `sinceMs` without news; `dataAt`: when it was last known to be current. */
  | { readonly kind: 'stale' | 'offline'; readonly sinceMs: number; readonly dataAt: number | null }

/** A restart of the server or a switched access point heals in a moment; a bar that flickers teaches to ignore bars. */
const GRACE_MS = 2_000

export function connectionView(facts: StreamFacts, now: number): ConnectionView {
  const { open, lastByteAt, downSince, fault } = facts
  if (open) {
    const quiet = now - (lastByteAt ?? now)
    return quiet < WATCHDOG_MS ? { kind: 'live' } : { kind: 'stale', sinceMs: quiet, dataAt: lastByteAt }
  }
  if (downSince === null) return { kind: 'starting' }
  if (lastByteAt !== null && now - downSince < GRACE_MS) return { kind: 'live' }
  const sinceMs = Math.max(0, now - (lastByteAt ?? downSince))
  return { kind: fault === 'network' ? 'offline' : 'stale', sinceMs, dataAt: lastByteAt }
}
