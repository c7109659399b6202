import { UNDO_MS, type Verdict } from '../../../../core/alert.ts'
import { createStore } from '../live/store.ts'

/** What the operator did last, and how to take it back. Only the last: an older one needs a reason. */
export type LastAct =
  | {
      readonly kind: 'verdict'
      /** Several: one verdict for a group. */
      readonly alerts: readonly string[]
      readonly verdict: Verdict
      /** Server time at which it was given. */
      readonly at: number
      /** Settles when the server has it: an undo waits for that. */
      readonly saved: Promise<unknown>
    }
  | { readonly kind: 'filed'; readonly no: string; readonly version: number; readonly at: number }

export const lastAct = createStore<LastAct | null>(null)

/** How long a filing is spoken of: it is not undone, only voided. */
const FILED_MS = 20_000

/** Whole seconds that the bar is still there, rounded up; 0: over. */
export function secondsLeft(act: LastAct, now: number): number {
  const lasts = act.kind === 'verdict' ? UNDO_MS : FILED_MS
  // The page's second may be a little older than the act.
  return Math.min(lasts / 1_000, Math.max(0, Math.ceil((act.at + lasts - now) / 1_000)))
}
