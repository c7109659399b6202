export type PictureAge =
  | { readonly kind: 'none' }
  | { readonly kind: 'live' | 'still' | 'old'; readonly ms: number }

/** A stream's picture may be this old and still be called live; pages look once a second, and grey has to come within 6. */
const LIVE_MS = 4_500
/** A still may miss one of its turns, and has to be made and sent. */
const STILL_SLACK_MS = 11_000

/** What the picture on screen may be called. `stopped`: nothing comes any more; `everyMs`: how often stills come. */
export function pictureAge(facts: {
  readonly capturedAt: number | null
  readonly now: number
  readonly stills: boolean
  readonly stopped: boolean
  readonly everyMs?: number
}): PictureAge {
  if (facts.capturedAt === null) return { kind: 'none' }
  const ms = Math.max(0, facts.now - facts.capturedAt)
  const limit = facts.stills ? 2 * (facts.everyMs ?? 2_000) + STILL_SLACK_MS : LIVE_MS
  if (facts.stopped || ms > limit) return { kind: 'old', ms }
  return { kind: facts.stills ? 'still' : 'live', ms }
}
