import type { Attention } from '../../core/frame.ts'

/** A reason to look closer, in plain words. */
export interface Wish {
  readonly fps: number
  readonly reason: string
}

/** How long full attention outlasts its last reason: what pauses is not over, and switching costs a key frame. */
const QUIET_MS = 8_000

/** Sentry until somebody wishes more; back to sentry after quiet. */
export interface AttentionKeeper {
  step(wishes: readonly Wish[], nowMs: number): Attention
}

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
        held = { wish: { fps, reason: best.reason }, atMs: nowMs }
        return { level: 'full', fps, reason: best.reason }
      }
      if (held && nowMs - held.atMs < QUIET_MS) {
        return { level: 'full', fps: held.wish.fps, reason: `a moment ago: ${held.wish.reason}` }
      }
      held = null
      return { level: 'sentry', fps: 0, reason: 'nothing changes in any zone' }
    },
  }
}
