import type { LiveSeat, LiveViewer } from '../../core/live.ts'
import type { LiveBoxes } from '../../core/live-boxes.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'

type Facts = Parameters<LiveViewer['fragment']>[1]
type EndCode = Parameters<LiveViewer['ended']>[1]

/** 30 s of a 4 Mbit/s camera. What exceeds it is not kept: a late viewer begins at the next key frame. */
const GOP_BYTES = 16 << 20

/** One camera's stream to every viewer of this process. A late one gets the init segment and the last GOP at once. */
export interface FanOut {
  readonly viewers: number
  add(viewer: LiveViewer): LiveSeat
  /** Whether any viewer wants what is found in the pictures. */
  readonly wantsBoxes: boolean
  init(bytes: Uint8Array, mime: string): void
  fragment(bytes: Uint8Array, facts: Facts): void
  /** To whoever asked. None are kept: who comes late has the next ones. */
  boxes(found: LiveBoxes | null): void
  /** The stream broke off; another init may follow. */
  ended(reason: string, code?: EndCode): void
}

interface Seat {
  readonly viewer: LiveViewer
  /** A viewer begins at a key frame. */
  began: boolean
  wantsBoxes: boolean
}

export function createFanOut({
  camera,
  log,
  metrics,
  onWantsBoxes = () => undefined,
}: {
  readonly camera: string
  /** `wantsBoxes` has changed. */
  readonly onWantsBoxes?: (wanted: boolean) => void
  readonly log: Log
  readonly metrics: Metrics
}): FanOut {
  const seats = new Set<Seat>()
  let opening: { readonly bytes: Uint8Array; readonly mime: string } | null = null
  let gop: { readonly bytes: Uint8Array; readonly facts: Facts }[] = []
  let gopBytes = 0
  let wantsBoxes = false
  /** No model looks at these pictures: who asks later is told at once. */
  let noModel = false

  /** A viewer that throws is a fault of its own: it is let go, and the others go on. */
  const tell = (seat: Seat, what: (viewer: LiveViewer) => void) => {
    try {
      what(seat.viewer)
    } catch (error) {
      seats.delete(seat)
      noteWishes()
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

  const noteWishes = () => {
    const wanted = [...seats].some((seat) => seat.wantsBoxes)
    if (wanted === wantsBoxes) return
    wantsBoxes = wanted
    if (!wanted) noModel = false
    onWantsBoxes(wanted)
  }

  return {
    get viewers() {
      return seats.size
    },
    get wantsBoxes() {
      return wantsBoxes
    },
    add(viewer) {
      const seat: Seat = { viewer, began: false, wantsBoxes: false }
      seats.add(seat)
      const now = opening
      if (now) tell(seat, (v) => v.init(now.bytes, now.mime))
      for (const { bytes, facts } of gop) if (seats.has(seat)) give(seat, bytes, facts)
      return {
        wantBoxes(wanted) {
          seat.wantsBoxes = wanted
          if (wanted && noModel) tell(seat, (v) => v.boxes?.(null))
          noteWishes()
        },
        [Symbol.dispose]() {
          seats.delete(seat)
          noteWishes()
        },
      }
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
    boxes(found) {
      noModel = found === null
      for (const seat of [...seats])
        if (seat.wantsBoxes && (seat.began || noModel)) tell(seat, (viewer) => viewer.boxes?.(found))
    },
    ended(reason, code) {
      opening = null
      gop = []
      for (const seat of [...seats]) tell(seat, (viewer) => viewer.ended(reason, code))
    },
  }
}
