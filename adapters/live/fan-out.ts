import type { LiveViewer, Log, Metrics } from '../../core/ports.ts'

type Facts = Parameters<LiveViewer['fragment']>[1]
type EndCode = Parameters<LiveViewer['ended']>[1]

/** 30 s of a 4 Mbit/s camera. What exceeds it is not kept: a late viewer begins at the next key frame. */
const GOP_BYTES = 16 << 20

/** One camera's stream to every viewer of this process. A late one gets the init segment and the last GOP at once. */
export interface FanOut {
  readonly viewers: number
  add(viewer: LiveViewer): Disposable
  init(bytes: Uint8Array, mime: string): void
  fragment(bytes: Uint8Array, facts: Facts): void
  /** The stream broke off; another init may follow. */
  ended(reason: string, code?: EndCode): void
}

interface Seat {
  readonly viewer: LiveViewer
  /** A viewer begins at a key frame. */
  began: boolean
}

export function createFanOut({
  camera,
  log,
  metrics,
}: {
  readonly camera: string
  readonly log: Log
  readonly metrics: Metrics
}): FanOut {
  const seats = new Set<Seat>()
  let opening: { readonly bytes: Uint8Array; readonly mime: string } | null = null
  let gop: { readonly bytes: Uint8Array; readonly facts: Facts }[] = []
  let gopBytes = 0

  /** A viewer that throws is a fault of its own: it is let go, and the others go on. */
  const tell = (seat: Seat, what: (viewer: LiveViewer) => void) => {
    try {
      what(seat.viewer)
    } catch (error) {
      seats.delete(seat)
      metrics.count('live_viewers_failed_total')
      log.error({ camera, error: String(error) }, 'a live viewer failed and was let go')
    }
  }
  const give = (seat: Seat, bytes: Uint8Array, facts: Facts) => {
    if (!seat.began && !facts.key) return
    seat.began = true
    tell(seat, (viewer) => viewer.fragment(bytes, facts))
  }
  const keep = (bytes: Uint8Array, facts: Facts) => {
    if (facts.key) {
      gop = []
      gopBytes = 0
    } else if (gop.length === 0) return
    gop.push({ bytes, facts })
    gopBytes += bytes.length
    if (gopBytes > GOP_BYTES) gop = []
  }

  return {
    get viewers() {
      return seats.size
    },
    add(viewer) {
      const seat: Seat = { viewer, began: false }
      seats.add(seat)
      const now = opening
      if (now) tell(seat, (v) => v.init(now.bytes, now.mime))
      for (const { bytes, facts } of gop) if (seats.has(seat)) give(seat, bytes, facts)
      return { [Symbol.dispose]: () => void seats.delete(seat) }
    },
    init(bytes, mime) {
      opening = { bytes, mime }
      gop = []
      for (const seat of [...seats]) {
        seat.began = false
        tell(seat, (viewer) => viewer.init(bytes, mime))
      }
    },
    fragment(bytes, facts) {
      keep(bytes, facts)
      for (const seat of [...seats]) give(seat, bytes, facts)
    },
    ended(reason, code) {
      opening = null
      gop = []
      for (const seat of [...seats]) tell(seat, (viewer) => viewer.ended(reason, code))
    },
  }
}
