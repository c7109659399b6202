import type { Clock } from '../../core/ports/clock.ts'
import type { Metrics } from '../../core/ports/telemetry.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'
import { notPlayable } from './boxes.ts'
import { createCaptureClock } from './capture-clock.ts'
import type { HubReader, InitSegment } from './fragment.ts'
import { parseInit, type TrackFacts } from './init-segment.ts'
import { moveDecodeTime, parseFragment } from './movie-fragment.ts'
import { createSplitter } from './splitter.ts'

export interface StreamDeps {
  readonly camera: string
  readonly feed: HubReader
  readonly clock: Clock
  readonly metrics: Metrics
}

/** What the supervisor watches of a stream. */
interface StreamFacts {
  readonly connection: number
  readonly init: InitSegment | null
  readonly lastFragmentAt: EpochMs | null
  /** How late pictures come by the stream's own clock; grows when the camera's clock was set back. */
  readonly lagMs: DurationMs
}

/** The bytes of one ffmpeg process. */
export interface StreamInput {
  /** Throws `camera_codec` on what cannot be played. */
  push(chunk: Uint8Array): void
  readonly fragments: number
}

/** A camera's fragments over all its connections: from bytes of successive processes to the hub's feed. */
export interface Stream {
  readonly facts: StreamFacts
  /**
   * Begins the bytes of a new process. `continues`: a played film that goes on: when its init segment is the same,
   * the connection and its time go on and the first fragment is a `discontinuity`; else a new connection begins.
   */
  input(options: { readonly continues: boolean }): StreamInput
  /** The connection is over. */
  end(reason: string): void
}

export function createStream({ camera, feed, clock, metrics }: StreamDeps): Stream {
  const captureClock = createCaptureClock()
  let connection = 0
  let init: InitSegment | null = null
  let track: TrackFacts | null = null
  let index = 0
  /** Added to the decode times of a played film that starts over; where the next one would begin. */
  let base = 0
  let nextBase = 0
  let discontinuity = false
  let lastFragmentAt: EpochMs | null = null
  let lagMs = 0

  const end = (reason: string) => {
    if (!init) return
    init = null
    lagMs = 0
    feed.ended(reason)
  }

  const begin = (bytes: Buffer, continues: boolean) => {
    if (init && continues && bytes.equals(init.bytes)) {
      base = nextBase
      discontinuity = true
      captureClock.restart()
      return
    }
    const facts = parseInit(bytes)
    end('another film follows')
    connection++
    track = facts
    index = 0
    base = 0
    nextBase = 0
    discontinuity = false
    captureClock.restart()
    const { codec, width, height, timescale } = facts
    init = { connection, bytes, codec, width, height, timescale }
    feed.init(init)
  }

  const add = (bytes: Buffer, moofSize: number) => {
    if (!init || !track) throw notPlayable('the stream is no fragmented MP4: a fragment before its "moov"')
    const facts = parseFragment(bytes, moofSize, track)
    const decodeTime = facts.decodeTime + base
    if (base > 0) moveDecodeTime(bytes, facts, decodeTime)
    nextBase = decodeTime + facts.duration
    const arrivedAt = clock.now()
    const mediaMs = toMs(decodeTime + facts.compositionOffset, init)
    const stamp = captureClock.stamp({
      decodeMs: toMs(decodeTime, init),
      mediaMs,
      durationMs: toMs(facts.duration, init),
      arrivedAt,
      key: facts.key,
    })
    const starts = discontinuity || stamp.jumped
    discontinuity = false
    lastFragmentAt = arrivedAt
    lagMs = stamp.lagMs
    metrics.count('camera_fragments_total', { camera })
    metrics.count('camera_bytes_total', { camera }, bytes.length)
    feed.fragment({
      connection,
      index: index++,
      bytes,
      decodeTime,
      mediaMs,
      key: facts.key,
      arrivedAt,
      capturedAt: stamp.capturedAt,
      clock: stamp.clock,
      discontinuity: starts,
    })
  }

  return {
    get facts() {
      return { connection, init, lastFragmentAt, lagMs }
    },
    input({ continues }) {
      let fragments = 0
      const splitter = createSplitter({
        init: (bytes) => begin(bytes, continues),
        fragment(bytes, moofSize) {
          add(bytes, moofSize)
          fragments++
        },
      })
      return {
        push: (chunk) => splitter.push(chunk),
        get fragments() {
          return fragments
        },
      }
    },
    end,
  }
}

const toMs = (ticks: number, { timescale }: Pick<InitSegment, 'timescale'>): DurationMs =>
  (ticks * 1_000) / timescale
