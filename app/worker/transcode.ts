import type { FanOut } from '../../adapters/live/fan-out.ts'
import { type BackoffPolicy, backoffMs } from '../../core/backoff.ts'
import type { Mpeg1Process, StartMpeg1 } from '../../core/live.ts'
import { createLiveGate } from '../../core/live-gate.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import { createTsCutter, ptsDistanceMs } from '../../core/transport-stream.ts'
import type { Fragment, Hub } from '../../ingest/hub/fragment.ts'
import { coresOf } from './process-cores.ts'

export const MPEG1_MIME = 'video/mp2t; codecs="mpeg1video"'
/** A transport stream has no initialization segment; this says what it is, as node-rtsp-stream's own server does. */
const MAGIC = new TextEncoder().encode('jsmp')

const BACKOFF: BackoffPolicy = { firstMs: 1_000, maxMs: 60_000, factor: 2, jitter: 0.3 }
/** Fed and silent for so long, an encoder hangs. */
const SILENT_MS = 5_000
const LOOK_MS = 1_000
/** A run this long was a good one: the next failure starts with a short wait again. */
const GOOD_MS = 60_000
/** Pictures between the encoder's input and output. */
const REMEMBERED = 250
const NEAR_MS = 1_000

/**
 * Turns what a hub gives into MPEG-1 for everybody in `fan` until `signal`. An encoder that ends, whatever its exit code,
 * or that hangs, is replaced after 1 → 60 s.
 */
export function runTranscode(deps: {
  readonly hub: Hub
  readonly fan: FanOut
  readonly start: StartMpeg1
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly signal: AbortSignal
}): { readonly ended: Promise<void>; cores(): number | null } {
  const { hub, fan, start, clock, log, metrics, signal } = deps
  let running: Mpeg1Process | null = null

  const once = async (): Promise<string> => {
    const over = Promise.withResolvers<string>()
    const encoder = start()
    running = encoder
    const times = createTimes()
    const cut = createTsCutter()
    let began = false
    let inits = 0
    let fedAt: number | null = null
    let heardAt = clock.now()
    const gate = createLiveGate({
      bufferedAmount: () => encoder.pendingBytes(),
      now: () => clock.now(),
      dropped: (count) => metrics.count('live_fragments_dropped_total', {}, count),
      tooSlow: () => over.resolve('the encoder does not keep up'),
    })
    encoder.onData((bytes) => {
      heardAt = clock.now()
      for (const chunk of cut(bytes)) {
        if (!began && !chunk.key) continue
        if (!began) fan.init(MAGIC, MPEG1_MIME)
        began = true
        const { mediaMs, capturedAt } = times.of(chunk.ptsMs)
        fan.fragment(chunk.bytes, { key: chunk.key, capturedAt, mediaMs })
      }
    })
    void encoder.exited.then((how) =>
      over.resolve(`ffmpeg ended (${how}) ${encoder.lastLines().at(-1) ?? ''}`),
    )
    const seat = hub.subscribe({
      init(segment) {
        inits += 1
        // Another connection of the camera: its times and perhaps its size are others.
        if (inits > 1 || !gate.begin()) return over.resolve('the camera connected anew')
        encoder.write(segment.bytes)
      },
      fragment(fragment) {
        if (!gate.passes(fragment.key)) return
        times.fed(fragment)
        fedAt ??= clock.now()
        encoder.write(fragment.bytes)
      },
      ended: (reason) => over.resolve(reason),
    })
    const looking = new AbortController()
    const look = async () => {
      for (;;) {
        await clock.sleep(LOOK_MS, looking.signal)
        if (fedAt === null) heardAt = clock.now()
        if (clock.now() - heardAt > SILENT_MS) over.resolve('the encoder is silent')
      }
    }
    look().catch(() => undefined) // ends by abort only
    const cut_off = () => over.resolve('nobody looks')
    signal.addEventListener('abort', cut_off, { once: true })
    if (signal.aborted) cut_off()
    const why = await over.promise
    signal.removeEventListener('abort', cut_off)
    looking.abort()
    seat[Symbol.dispose]()
    running = null
    await encoder.stop()
    if (began) fan.ended(why)
    return why
  }

  const run = async (): Promise<void> => {
    for (let failures = 0; !signal.aborted; ) {
      const from = clock.now()
      const why = await once()
      if (signal.aborted) return
      failures = clock.now() - from > GOOD_MS ? 1 : failures + 1
      metrics.count('live_transcode_restarts_total')
      log.warn({ why, failures }, 'the small video of a camera begins anew')
      await clock.sleep(backoffMs(BACKOFF, failures, Math.random), signal).catch(() => undefined)
    }
  }
  const cost = coresOf(() => running?.pid, clock)
  return { ended: run(), cores: cost }
}

type Times = Pick<Fragment, 'mediaMs' | 'capturedAt'>

/** Capture times of the pictures that went in, found again by the presentation time that comes out. */
function createTimes() {
  let fed: Times[] = []
  let last: Times = { mediaMs: 0, capturedAt: 0 }
  return {
    fed({ mediaMs, capturedAt }: Fragment): void {
      fed.push({ mediaMs, capturedAt })
      if (fed.length > REMEMBERED) fed = fed.slice(-REMEMBERED / 2)
    },
    /**
     * The picture at or before it; null: more of the same picture. Far from all: the newest, which is never older than
     * what is shown.
     */
    of(ptsMs: number | null): Times {
      const newest = fed.at(-1) ?? last
      if (ptsMs === null) return last
      const found = fed.findLast(({ mediaMs }) => ptsDistanceMs(mediaMs, ptsMs) >= -1)
      last = found && ptsDistanceMs(found.mediaMs, ptsMs) < NEAR_MS ? found : newest
      return last
    },
  }
}
