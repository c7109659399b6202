import type { DurationMs } from '../../core/units.ts'

export interface HoldOptions {
  /** A sign must have lasted this long. */
  readonly forMs: DurationMs
  /** Share of the pictures of the window that must show it: k of n, so that one missed picture is no end. */
  readonly share: number
  /** Pictures older than this no longer count. At least `forMs`. */
  readonly windowMs: DurationMs
  /** At least so many pictures must show it. */
  readonly least: number
}

/** A sign over time: since when it lasts, and whether it has lasted for its time in k of n pictures. */
export interface Hold {
  /** Answers null while there is no sign, or not enough of it in the window. */
  step(
    present: boolean,
    nowMs: number,
  ): { readonly sinceMs: number; readonly firm: boolean; readonly share: number } | null
  reset(): void
}

/** Bound of remembered pictures: 60 s at 10 pictures a second. */
const MOST = 600

export function createHold(options: HoldOptions): Hold {
  const { forMs, share, windowMs, least } = options
  let looks: { readonly atMs: number; readonly present: boolean }[] = []
  let sinceMs: number | null = null

  return {
    step(present, nowMs) {
      looks.push({ atMs: nowMs, present })
      looks = looks.filter((look) => look.atMs > nowMs - windowMs).slice(-MOST)
      if (sinceMs === null && present) {
        // What came before the first sign does not count against it.
        sinceMs = nowMs
        looks = looks.slice(-1)
      }
      if (sinceMs === null) return null
      const signs = looks.filter((look) => look.present).length
      const seen = signs / looks.length
      if (seen < share) {
        // Too thin: one miss after one sign is patience, more is none.
        if (looks.length > 2 || nowMs - sinceMs >= windowMs) {
          sinceMs = null
          return null
        }
      }
      const firm = seen >= share && signs >= least && nowMs - sinceMs >= forMs
      return present || firm ? { sinceMs, firm, share: seen } : null
    },
    reset() {
      looks = []
      sinceMs = null
    },
  }
}
