import type { LiveBoxes } from '../../../../core/live-boxes.ts'

/** Where pictures are analysed more rarely than this, there are pictures without boxes: an old box lies. */
export const HOLD_MS = 1_000
/** The same time twice, once by the worker and once by the browser: half a millisecond is rounding. */
const SAME_MS = 1
/** Analysed pictures that the picture on screen has not come to: some seconds at any rate. */
const MOST = 100

/** Which boxes belong to the picture on screen. Times in milliseconds of the stream. */
export interface BoxTimeline {
  add(found: LiveBoxes): void
  /** Those of the last analysed picture up to the shown one; null: none is known, or it is more than a second old. */
  at(shownMs: number): LiveBoxes | null
  clear(): void
}

export function createBoxTimeline(): BoxTimeline {
  let known: LiveBoxes[] = []
  return {
    add(found) {
      // The stream began anew or its clock was set back: what was known is of other pictures.
      if ((known.at(-1)?.mediaMs ?? found.mediaMs) > found.mediaMs) known = []
      known.push(found)
      if (known.length > MOST) known.shift()
    },
    at(shownMs) {
      const index = known.findLastIndex(({ mediaMs }) => mediaMs <= shownMs + SAME_MS)
      const found = known[index]
      if (!found) return null
      known = known.slice(index)
      return shownMs - found.mediaMs <= HOLD_MS ? found : null
    },
    clear() {
      known = []
    },
  }
}
