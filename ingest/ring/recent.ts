import type { Fragment, HubReader, InitSegment } from '../hub/fragment.ts'

/** Fragments of the newest pictures, from a key frame on, with their init segment. */
export interface RecentFragments {
  readonly init: InitSegment
  readonly fragments: readonly Fragment[]
}

/** Keeps the GOP under way and the one before in memory (the bytes are shared with the hub), up to `maxBytes`. */
export function createRecent(maxBytes: number): HubReader & { get(): RecentFragments | null } {
  let init: InitSegment | null = null
  let gops: Fragment[][] = []
  let bytes = 0

  const forget = () => {
    gops = []
    bytes = 0
  }
  const dropOldest = () => {
    for (const fragment of gops.shift() ?? []) bytes -= fragment.bytes.length
  }

  return {
    init(segment) {
      init = segment
      forget()
    },
    fragment(fragment) {
      if (fragment.discontinuity) forget()
      if (fragment.key) {
        gops.push([])
        if (gops.length > 2) dropOldest()
      }
      const gop = gops.at(-1)
      if (!gop) return
      gop.push(fragment)
      bytes += fragment.bytes.length
      // The last GOP goes too when it alone is too much: without its key frame the rest is of no use.
      while (bytes > maxBytes && gops.length > 0) dropOldest()
    },
    ended() {},
    get() {
      const fragments = gops.flat()
      return init && fragments.length > 0 ? { init, fragments } : null
    },
  }
}
