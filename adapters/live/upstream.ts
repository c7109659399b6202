import { type BackoffPolicy, backoffMs } from '../../core/backoff.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { LiveFormat, LiveSeat, LiveViewer } from '../../core/live.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { DurationMs } from '../../core/units.ts'
import { createFanOut } from './fan-out.ts'
import { type LiveEndpoint, type LiveLine, openLine } from './line.ts'
import type { LiveWord } from './wire.ts'

export interface UpstreamTuning {
  /** How long a line stays after its last viewer: somebody who comes back has a picture at once. */
  readonly lingerMs: DurationMs
  /** How often it is asked whether another worker holds the camera now. */
  readonly checkMs: DurationMs
  readonly silenceMs: DurationMs
}

/** One camera's stream from its worker, shared by all viewers of this process. */
export interface Upstream {
  /** Null: nobody holds the camera, or its worker cannot be reached. */
  join(viewer: LiveViewer): Promise<LiveSeat | null>
  stop(): void
  readonly stopped: boolean
  /** Resolves when it has ended: stopped, or without a viewer for the linger. */
  readonly ended: Promise<void>
}

/** A camera that moves is elsewhere within seconds, and somebody is looking. */
const BACKOFF: BackoffPolicy = { firstMs: 250, maxMs: 2_000, factor: 2, jitter: 0.3 }

export function startUpstream(deps: {
  readonly camera: string
  readonly format: LiveFormat
  readonly lookup: (camera: string) => Promise<LiveEndpoint | null>
  readonly tuning: UpstreamTuning
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}): Upstream {
  const { camera, format, lookup, tuning, clock, metrics } = deps
  const log = deps.log.child({ camera })
  const onWantsBoxes = (wanted: boolean) => line?.wantBoxes(wanted)
  const fan = createFanOut({ camera, log, metrics, onWantsBoxes })
  const stopping = new AbortController()
  const { signal } = stopping
  let line: LiveLine | null = null
  /** Of the attempt that runs or comes next: whether the line stands after it. */
  let attempt = Promise.withResolvers<boolean>()
  let lingering: AbortController | null = null

  /** `broke`: the viewers know that the stream has ended. */
  const read = (state: { mime: string; broke: boolean }) => (word: LiveWord) => {
    if (word.kind === 'mime') state.mime = word.mime
    else if (word.kind === 'fragment') fan.fragment(word.bytes, word.facts)
    else if (word.kind === 'found') fan.boxes(word.found)
    else if (word.kind === 'init') {
      state.broke = false
      fan.init(word.bytes, state.mime)
    } else {
      state.broke = true
      fan.ended(word.reason, word.code)
      // Who was refused asks again by itself: the line must not, least of all while nobody looks.
      if (word.code === 'too_many_requests') stop()
    }
  }

  /** Leaves a worker that holds the camera no longer; when nobody can be asked, the picture that comes is good enough. */
  const followLease = async (current: LiveLine, from: LiveEndpoint, until: AbortSignal): Promise<void> => {
    for (;;) {
      await clock.sleep(tuning.checkMs, until)
      const now = await lookup(camera).catch(() => null)
      if (now && (now.url !== from.url || now.secret !== from.secret)) {
        log.info({ from: from.url, to: now.url }, 'the camera moved to another worker: its live view follows')
        current.cut()
      }
    }
  }

  const live = async (): Promise<void> => {
    const endpoint = await lookup(camera)
    if (!endpoint) throw new SharpEyesError('not_ready', 'no worker that can be asked holds the camera')
    const state = { mime: '', broke: false }
    const { silenceMs } = tuning
    line = await openLine({ endpoint, camera, format, onWord: read(state), clock, silenceMs, signal })
    if (fan.wantsBoxes) line.wantBoxes(true)
    attempt.resolve(true)
    const over = new AbortController()
    followLease(line, endpoint, over.signal).catch(() => undefined) // ends by abort only
    const reason = await line.closed
    over.abort()
    line = null
    attempt = Promise.withResolvers()
    if (!state.broke) fan.ended(reason)
  }

  const run = async (): Promise<void> => {
    for (let failures = 0; !signal.aborted; ) {
      try {
        await live()
        failures = 0
      } catch (error) {
        failures += 1
        metrics.count('live_upstream_failures_total')
        log.debug(
          { failures, error: toSharpEyesError(error).message },
          'the live view of a camera does not open',
        )
        attempt.resolve(false)
        attempt = Promise.withResolvers()
      }
      await clock.sleep(backoffMs(BACKOFF, failures + 1, Math.random), signal).catch(() => undefined)
    }
    attempt.resolve(false)
  }

  const linger = () => {
    lingering = new AbortController()
    clock.sleep(tuning.lingerMs, lingering.signal).then(
      () => stop(),
      () => undefined, // somebody came
    )
  }
  const stop = () => {
    lingering?.abort()
    stopping.abort()
  }

  const ended = run()
  linger()
  return {
    ended,
    stop,
    get stopped() {
      return signal.aborted
    },
    async join(viewer) {
      lingering?.abort()
      lingering = null
      const seat = fan.add(viewer)
      const leave = () => {
        seat[Symbol.dispose]()
        if (fan.viewers === 0 && !lingering && !signal.aborted) linger()
      }
      if (line || (await attempt.promise)) return { wantBoxes: seat.wantBoxes, [Symbol.dispose]: leave }
      leave()
      return null
    },
  }
}
