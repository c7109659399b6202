import type { LiveBoxes } from '../../../../core/live-boxes.ts'
import { HOLD_MS } from './box-timeline.ts'

/** What there is to say of boxes on a live picture. */
type BoxState =
  /** Not asked for. */
  | 'off'
  /** Asked for; no analysed picture of the stream that plays now has come yet. */
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

/** The newest analysed picture. */
export interface LastLook {
  /** Epoch ms, of a full second. */
  readonly capturedAt: number
  readonly found: number
  /** The picture on screen is more than a second later: what was found is no longer drawn. */
  readonly gone: boolean
}

export interface BoxReport {
  readonly state: BoxState
  /** Null: none of this stream is known. */
  readonly last: LastLook | null
}

export const sameReport = (a: BoxReport, b: BoxReport): boolean =>
  a.state === b.state &&
  a.last?.capturedAt === b.last?.capturedAt &&
  a.last?.found === b.last?.found &&
  a.last?.gone === b.last?.gone

/** Longer than the rarest full scan of a camera in which nothing moves (30 s). */
const LATE_MS = 35_000

/** What is known of the analysis of one live picture. `now`: milliseconds of any one clock; media times in milliseconds. */
export interface BoxWatch {
  /** Boxes are asked for from now on, or a new stream begins: what came before says nothing of it. */
  begin(now: number): void
  /** Null: no model looks. `shownMs`: of the picture on screen. */
  found(found: LiveBoxes | null, shownMs: number, now: number): void
  report(facts: {
    readonly hasClock: boolean
    /** Pictures come. */
    readonly playing: boolean
    readonly shownMs: number
    readonly now: number
    /** Epoch ms of the picture at a media time; null: not known yet. */
    readonly captureAt: (mediaMs: number) => number | null
  }): BoxReport
}

export function createBoxWatch(): BoxWatch {
  let since = 0
  let newest: { readonly found: LiveBoxes; readonly at: number; readonly behindMs: number } | null = null
  let capturedAt: number | null = null
  let noModel = false

  return {
    begin(now) {
      since = now
      newest = null
      capturedAt = null
      noModel = false
    },
    found(found, shownMs, now) {
      noModel = found === null
      if (!found) return
      newest = { found, at: now, behindMs: shownMs - found.mediaMs }
      capturedAt = null
    },
    report({ hasClock, playing, shownMs, now, captureAt }) {
      const look = newest
      if (look) capturedAt ??= captureAt(look.found.mediaMs)
      const last: LastLook | null =
        look && capturedAt !== null
          ? {
              capturedAt: Math.floor(capturedAt / 1_000) * 1_000,
              found: look.found.boxes.length,
              gone: shownMs - look.found.mediaMs > HOLD_MS,
            }
          : null
      if (!hasClock) return { state: 'noClock', last: null }
      if (noModel) return { state: 'noModel', last: null }
      // A line that is broken says nothing of the analysis.
      if (!playing) return { state: 'waiting', last }
      if (now - (look?.at ?? since) > LATE_MS) return { state: 'late', last }
      if (!look) return { state: 'waiting', last }
      return { state: look.behindMs > HOLD_MS ? 'behind' : 'shown', last }
    },
  }
}
