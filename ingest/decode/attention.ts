import { type Because, because } from '../../core/attention.ts'
import type { Attention } from '../../core/frame.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'

/**
 * Full attention that the stream itself forces, whatever the rules ask for: its key frames alone do not show the
 * scene often enough. Judged anew for each connection.
 */
export interface AttentionRule {
  /** A key frame went in although the one before had not come out. `companions`: it was helped by later fragments. */
  unanswered(companions: boolean, now: EpochMs): void
  answered(): void
  gop(longestMs: number): void
  reset(): void
  /** The attention that holds for what is asked. */
  judge(asked: Attention, now: EpochMs): Attention
}

/** Key frames that may go unanswered in a row before the camera is decoded in full. */
const UNANSWERED_LIMIT = 2

/**
 * So many answers, and the key frames of this connection do decode on their own: later silence is a busy machine, and
 * full decoding would make it worse.
 */
const PROOF = 3

/**
 * Silence before that proof may also come from a machine that is busy starting many cameras: key frames get another
 * chance after a while, each time after twice as long.
 */
const FIRST_TRIAL_MS: DurationMs = 60_000
const LAST_TRIAL_MS: DurationMs = 16 * 60_000

/** `maxGopMs`: a longer way between two key frames leaves the scene unseen for too long. */
export function createAttentionRule(maxGopMs: number): AttentionRule {
  let missed = 0
  let proven = 0
  let gopReason: Because | null = null
  let silentUntil: EpochMs | null = null
  let trialMs = FIRST_TRIAL_MS
  return {
    unanswered(companions, now) {
      if (!companions || proven >= PROOF || silentUntil !== null) return
      if (++missed < UNANSWERED_LIMIT) return
      silentUntil = now + trialMs
      trialMs = Math.min(trialMs * 2, LAST_TRIAL_MS)
    },
    answered() {
      missed = 0
      proven++
    },
    gop(longestMs) {
      if (longestMs > maxGopMs) gopReason ??= because('long_gop', { seconds: (maxGopMs / 1000).toFixed(1) })
    },
    reset() {
      missed = 0
      proven = 0
      gopReason = null
      silentUntil = null
      trialMs = FIRST_TRIAL_MS
    },
    judge(asked, now) {
      if (silentUntil !== null && now >= silentUntil) {
        silentUntil = null
        missed = 0
        proven = 0
      }
      const forced = silentUntil === null ? gopReason : because('open_gop')
      if (!forced || asked.level === 'full') return asked
      const { reason, why } = forced
      return { level: 'full', fps: Math.max(1, asked.fps), reason, why: { ...why, rule: null, past: false } }
    },
  }
}
