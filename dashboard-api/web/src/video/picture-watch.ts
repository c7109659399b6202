/** Fragments come and the picture stands for this long: the decoder died, or a seek never ends. */
const STANDS_MS = 10_000
/** A page that was held up reads what came meanwhile at once: of a pause not more counts than this. */
const STEP_MS = 500

/** Whether the picture on screen goes on while fragments come; where it does not, only a new player helps. */
export interface PictureWatch {
  /** With each fragment. `shown`: capture time of the picture on screen, null: none; `now`: milliseconds of any one clock. */
  stands(shown: number | null, now: number): boolean
  /** Nobody sees the picture, so the browser may let it stand: what was counted is forgotten. */
  rest(): void
}

export function createPictureWatch(): PictureWatch {
  let last: { readonly shown: number | null; readonly at: number } | null = null
  let stoodMs = 0
  return {
    stands(shown, now) {
      const step = last === null ? 0 : Math.min(STEP_MS, now - last.at)
      stoodMs = last?.shown === shown ? stoodMs + step : 0
      last = { shown, at: now }
      return stoodMs >= STANDS_MS
    },
    rest() {
      last = null
      stoodMs = 0
    },
  }
}
