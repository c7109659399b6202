/** The picture stays a live one: it is held back no longer than this for its boxes. */
const MOST_S = 0.6
/** Fragments come in bursts; without this the picture would be over when its boxes come, now and then. */
const SPARE_S = 0.15
const REMEMBERED = 20

/** How far behind the newest picture the shown one has to be, so that its boxes are there when it is shown. */
export interface HoldBack {
  /** Boxes came when the newest picture was so many seconds after theirs. */
  came(behindS: number): void
  /** 0: nothing is held back, as when waiting would not help most of them. */
  seconds(): number
  clear(): void
}

export function createHoldBack(): HoldBack {
  let delays: readonly number[] = []
  return {
    came(behindS) {
      delays = [...delays.slice(1 - REMEMBERED), Math.max(0, behindS)]
    },
    seconds() {
      const inTime = delays.filter((delay) => delay <= MOST_S - SPARE_S)
      return inTime.length * 2 <= delays.length ? 0 : Math.max(...inTime) + SPARE_S
    },
    clear() {
      delays = []
    },
  }
}
