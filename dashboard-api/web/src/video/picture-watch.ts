/** Fragments come and the picture stands for this long: the decoder died, or a seek never ends. */
const STANDS_MS = 10_000
/** A player whose picture has gone on for this long plays the stream; one that showed a picture and froze does not. */
const GOES_MS = 10_000
/** After as many players in a row that never played the stream, another one would not either. */
const TRIES = 3
/** A page that was held up reads what came meanwhile at once: of a pause not more counts than this. */
const STEP_MS = 500

/** Whether the picture of one live view goes on while fragments come, over all the players that were tried. */
export interface PictureWatch {
  /** A new player begins. */
  begin(): void
  /**
   * With each fragment. `shown`: capture time of the picture on screen, null: none; `now`: milliseconds of any one clock.
   * `waits`: too early to say; `goes`: this player plays the stream; `stands`: only a new player helps.
   */
  see(shown: number | null, now: number): 'waits' | 'goes' | 'stands'
  /** Nobody sees the picture, so the browser may let it stand: what was counted of it is forgotten. */
  rest(): void
  /** The player broke, or its picture stands; however often it is said, once for each player. True: no other one will play it. */
  failed(): boolean
}

export function createPictureWatch(): PictureWatch {
  let last: { readonly shown: number | null; readonly at: number } | null = null
  let stoodMs = 0
  /** The last picture that was on screen, also while a seek leaves none there, and for how long it was the last. */
  let picture: number | null = null
  let pictureMs = 0
  let wentMs = 0
  let failures = 0
  let counted = false

  const rest = () => {
    last = null
    stoodMs = 0
    picture = null
    pictureMs = 0
  }
  return {
    begin() {
      rest()
      wentMs = 0
      counted = false
    },
    see(shown, now) {
      const step = last === null ? 0 : Math.min(STEP_MS, now - last.at)
      stoodMs = last?.shown === shown ? stoodMs + step : 0
      last = { shown, at: now }
      pictureMs += step
      if (shown !== null && shown !== picture) {
        if (picture !== null) wentMs += pictureMs
        picture = shown
        pictureMs = 0
      }
      if (wentMs >= GOES_MS) failures = 0
      if (stoodMs >= STANDS_MS) return 'stands'
      return wentMs >= GOES_MS ? 'goes' : 'waits'
    },
    rest,
    failed() {
      if (!counted && wentMs < GOES_MS) failures += 1
      counted = true
      return failures >= TRIES
    },
  }
}
