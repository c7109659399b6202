import { type AttentionWhy, because } from '../../core/attention.ts'
import type { Attention } from '../../core/frame.ts'

/** A reason to look closer, in plain words. */
export interface Wish {
  readonly fps: number
  readonly reason: string
  readonly why: AttentionWhy
}

/** How long full attention outlasts its last reason: what pauses is not over, and switching costs a key frame. */
const QUIET_MS = 8_000

/** Sentry until somebody wishes more; back to sentry after quiet. */
export interface AttentionKeeper {
  step(wishes: readonly Wish[], nowMs: number): Attention
}

const QUIET = because('quiet')

export function createAttentionKeeper(): AttentionKeeper {
  let held: { readonly wish: Wish; readonly atMs: number } | null = null
  return {
    step(wishes, nowMs) {
      const best = wishes
        .filter((w) => w.fps > 0)
        .reduce<Wish | null>((a, b) => (a && a.fps >= b.fps ? a : b), null)
      if (best) {
        // Not down from 4 to 2 pictures a second and up again: the rate falls only with the quiet.
        const fps = held ? Math.max(best.fps, held.wish.fps) : best.fps
        held = { wish: { ...best, fps }, atMs: nowMs }
        return { level: 'full', ...held.wish }
      }
      if (held && nowMs - held.atMs < QUIET_MS) {
        const { fps, reason, why } = held.wish
        return { level: 'full', fps, reason: `a moment ago: ${reason}`, why: { ...why, past: true } }
      }
      held = null
      return { level: 'sentry', fps: 0, reason: QUIET.reason, why: { ...QUIET.why, rule: null, past: false } }
    },
  }
}
