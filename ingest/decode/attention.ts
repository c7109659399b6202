import type { Attention } from '../../core/frame.ts'

/**
 * Full attention that the stream itself forces, whatever the rules ask for: its key frames alone do not show the
 * scene often enough. Judged anew for each connection.
 */
export interface AttentionRule {
  /** A key frame went in although the one before had not come out. `companions`: it was helped by later fragments. */
  unanswered(companions: boolean): void
  answered(): void
  gop(longestMs: number): void
  reset(): void
  /** The attention that holds for what is asked. */
  judge(asked: Attention): Attention
}

/** Key frames that may go unanswered in a row before the camera is decoded in full. */
const UNANSWERED_LIMIT = 2

/**
 * So many answers, and the key frames of this connection do decode on their own: later silence is a busy machine, and
 * full decoding would make it worse.
 */
const PROOF = 3

/** `maxGopMs`: a longer way between two key frames leaves the scene unseen for too long. */
export function createAttentionRule(maxGopMs: number): AttentionRule {
  let missed = 0
  let proven = 0
  let forced: string | null = null
  return {
    unanswered(companions) {
      if (!companions || proven >= PROOF) return
      if (++missed >= UNANSWERED_LIMIT) forced ??= 'key frames do not decode on their own (open GOP)'
    },
    answered() {
      missed = 0
      proven++
    },
    gop(longestMs) {
      if (longestMs <= maxGopMs) return
      forced ??= `key frames are more than ${(maxGopMs / 1000).toFixed(1)} s apart`
    },
    reset() {
      missed = 0
      proven = 0
      forced = null
    },
    judge(asked) {
      if (!forced || asked.level === 'full') return asked
      return { level: 'full', fps: Math.max(1, asked.fps), reason: forced }
    },
  }
}
