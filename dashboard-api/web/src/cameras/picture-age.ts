export type PictureAge =
  | { readonly kind: 'none' }
  | { readonly kind: 'live' | 'still' | 'old'; readonly ms: number }

/** A stream's picture may be this old and still be called live; a still that comes each 2 s, this old. */
const LIVE_MS = 5_000
const STILL_MS = 15_000

/** What the picture on screen may be called. `stopped`: nothing comes any more. */
export function pictureAge(facts: {
  readonly capturedAt: number | null
  readonly now: number
  readonly stills: boolean
  readonly stopped: boolean
}): PictureAge {
  if (facts.capturedAt === null) return { kind: 'none' }
  const ms = Math.max(0, facts.now - facts.capturedAt)
  const limit = facts.stills ? STILL_MS : LIVE_MS
  if (facts.stopped || ms > limit) return { kind: 'old', ms }
  return { kind: facts.stills ? 'still' : 'live', ms }
}
