import { createFanOut, type FanOut } from '../../adapters/live/fan-out.ts'
import type { LiveViewer, StartMpeg1 } from '../../core/live.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { Hub } from '../../ingest/hub/fragment.ts'
import { runTranscode } from './transcode.ts'

export interface SlowLiveFacts {
  readonly running: number
  readonly most: number
  /** Processor cores that the running ones take together; null: the system does not tell. */
  readonly cores: number | null
  readonly refusedAt: number | null
}

/** Live views in MPEG-1, for browsers that cannot play a camera's codec. One encode a camera, however many look. */
export interface SlowLive {
  /** A viewer that there is no room for is told `ended` with the code `too_many_requests`. */
  join(hub: Hub, viewer: LiveViewer): Disposable
  facts(): SlowLiveFacts
  stop(): Promise<void>
}

/** Whoever looks away and back has a picture at once. */
const LINGER_MS = 15_000

interface Seat {
  readonly hub: Hub
  readonly fan: FanOut
  readonly stopping: AbortController
  readonly ended: Promise<void>
  cores(): number | null
  lingering: AbortController | null
}

/** `most`: encodes at a time; each takes a part of a core. */
export function createSlowLive(deps: {
  readonly start: StartMpeg1
  readonly most: number
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}): SlowLive {
  const { start, most, clock, metrics } = deps
  const seats = new Map<string, Seat>()
  let refusedAt: number | null = null

  const open = (hub: Hub): Seat => {
    const log = deps.log.child({ camera: hub.camera })
    const fan = createFanOut({ camera: hub.camera, log, metrics })
    const stopping = new AbortController()
    const transcode = runTranscode({ hub, fan, start, clock, log, metrics, signal: stopping.signal })
    const seat: Seat = { hub, fan, stopping, ...transcode, lingering: null }
    seats.set(hub.camera, seat)
    metrics.gauge('live_transcodes', {}, seats.size)
    void seat.ended.finally(() => {
      if (seats.get(hub.camera) === seat) seats.delete(hub.camera)
      metrics.gauge('live_transcodes', {}, seats.size)
    })
    return seat
  }
  const linger = (seat: Seat) => {
    const waiting = new AbortController()
    seat.lingering = waiting
    clock.sleep(LINGER_MS, waiting.signal).then(
      () => close(seat),
      () => undefined, // somebody came
    )
  }
  const close = (seat: Seat) => {
    seat.lingering?.abort()
    seat.stopping.abort()
    if (seats.get(seat.hub.camera) === seat) seats.delete(seat.hub.camera)
  }
  /** Whom nobody looks at any more makes room. */
  const makeRoom = () => {
    const idle = [...seats.values()].find((seat) => seat.fan.viewers === 0)
    if (idle) close(idle)
  }

  return {
    join(hub, viewer) {
      let seat = seats.get(hub.camera)
      // The camera was given back and taken again: its hub is another.
      if (seat && seat.hub !== hub) {
        close(seat)
        seat = undefined
      }
      if (!seat && seats.size >= most) makeRoom()
      if (!seat && seats.size >= most) {
        refusedAt = clock.now()
        metrics.count('live_transcodes_refused_total')
        viewer.ended(`this worker makes ${most} small videos already`, 'too_many_requests')
        return { [Symbol.dispose]: () => undefined }
      }
      const joined = seat ?? open(hub)
      joined.lingering?.abort()
      joined.lingering = null
      const place = joined.fan.add(viewer)
      return {
        [Symbol.dispose]() {
          place[Symbol.dispose]()
          if (joined.fan.viewers === 0 && !joined.lingering) linger(joined)
        },
      }
    },
    facts() {
      const cores = [...seats.values()].map((seat) => seat.cores())
      const known = cores.filter((each) => each !== null)
      return {
        running: seats.size,
        most,
        cores: known.length === cores.length ? known.reduce((sum, each) => sum + each, 0) : null,
        refusedAt,
      }
    },
    async stop() {
      const all = [...seats.values()]
      for (const seat of all) close(seat)
      await Promise.all(all.map(({ ended }) => ended))
    },
  }
}
