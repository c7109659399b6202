/** Clocks of office PCs are wrong: everything on screen is told by the server's time. */
export interface ServerClock {
  /** Epoch ms as the server has it. */
  now(): number
  /** Takes a time stamp the server has just sent. */
  anchor(serverNow: number): void
  /** PC clock minus server clock in ms, or null before the first answer. */
  skew(): number | null
}

interface Sources {
  /** Never jumps, unlike the wall clock. */
  readonly monotonic: () => number
  readonly wall: () => number
}

export function createServerClock({ monotonic, wall }: Sources): ServerClock {
  let base: { readonly server: number; readonly at: number } | null = null
  let skew: number | null = null
  return {
    now: () => (base ? base.server + (monotonic() - base.at) : wall()),
    anchor(serverNow) {
      base = { server: serverNow, at: monotonic() }
      skew = wall() - serverNow
    },
    skew: () => skew,
  }
}

export const serverClock = createServerClock({ monotonic: () => performance.now(), wall: () => Date.now() })
