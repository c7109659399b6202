import { HOLD_MS } from './box-timeline.ts'

/** What there is to say of boxes on a live picture. */
export type BoxState =
  /** Not asked for. */
  | 'off'
  /** Asked for; no analysed picture has come yet. */
  | 'waiting'
  /** Pictures are analysed; each has its boxes, or nothing was found in it. */
  | 'shown'
  /** Those of a picture come so long after it was shown that they would lie on another one. */
  | 'behind'
  /** No model looks at this camera's pictures. */
  | 'noModel'
  /** A model does, and has not for a while: no rule asks for it now, or it does not keep up. */
  | 'late'
  /** This browser does not tell which picture is on screen: a box could be on the wrong one. */
  | 'noClock'
  /** Only the camera's own stream has boxes, not the small video and not stills. */
  | 'noStream'

/** Longer than the rarest full scan of a camera in which nothing moves (30 s). */
const LATE_MS = 35_000

export function boxState(facts: {
  readonly hasClock: boolean
  readonly noModel: boolean
  /** When they were asked for, and when those of the newest analysed picture came; one clock, milliseconds. */
  readonly askedAt: number
  readonly foundAt: number | null
  /** How long ago the picture of the newest boxes was on screen when they came; below 0: it is still to come. */
  readonly behindMs: number
  readonly now: number
}): BoxState {
  const { hasClock, noModel, askedAt, foundAt, behindMs, now } = facts
  if (!hasClock) return 'noClock'
  if (noModel) return 'noModel'
  if (now - (foundAt ?? askedAt) > LATE_MS) return 'late'
  if (foundAt === null) return 'waiting'
  return behindMs > HOLD_MS ? 'behind' : 'shown'
}
