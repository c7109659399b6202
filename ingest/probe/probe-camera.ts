import type { CameraLogin } from '../../core/camera-setup.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'
import type { CodedPicture } from '../evidence/still.ts'
import type { Fragment, HubReader, InitSegment } from '../hub/fragment.ts'
import { createStream } from '../hub/stream.ts'
import { pullOnce } from '../pull/pull-once.ts'
import { createSource } from '../source/kinds.ts'
import { type CameraReport, reportOf } from './report.ts'

export interface ProbeDeps {
  readonly mediaTools: MediaTools
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

export interface ProbeOptions {
  readonly credentialsFile?: string
  /** Comes before the file. */
  readonly login?: CameraLogin
  readonly signal?: AbortSignal
  /** The longest watch after the first picture. */
  readonly watchMs?: DurationMs
}

/** Two whole GOPs of a camera that is set up well, and enough to see its rate; a longer GOP is waited for up to WATCH_MS. */
const ENOUGH_KEYS = 3
const ENOUGH_MS: DurationMs = 4_000
const WATCH_MS: DurationMs = 12_000

/**
 * Watches a camera (or file, or folder) for 4 to 12 seconds through the very path that the worker uses, and says what it
 * sends. Throws `camera_*`, `source_invalid` or `credentials_refused` when it sends nothing.
 */
export const probeCamera = async (
  url: string,
  deps: ProbeDeps,
  options: ProbeOptions = {},
): Promise<CameraReport> => (await sightCamera(url, deps, options)).report

/** What a probe has seen; `picture`: its last key frame, as it came. */
export interface Sight {
  readonly report: CameraReport
  readonly picture: CodedPicture | null
}

/** As `probeCamera`, with a picture. */
export async function sightCamera(url: string, deps: ProbeDeps, options: ProbeOptions = {}): Promise<Sight> {
  try {
    return await watchOnce(url, deps, options, false)
  } catch (error) {
    const looksAgain = error instanceof SharpEyesError && error.code === 'camera_codec'
    if (!looksAgain) throw error
    return watchOnce(url, deps, options, true)
  }
}

async function watchOnce(
  url: string,
  deps: ProbeDeps,
  options: ProbeOptions,
  thorough: boolean,
): Promise<Sight> {
  const { clock, log, mediaTools, metrics } = deps
  const { credentialsFile, login, watchMs = WATCH_MS } = options
  const name = withoutUserinfo(url)
  const camera = { id: name, url, ...(credentialsFile && { credentialsFile }), ...(login && { login }) }
  const enough = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, enough.signal]) : enough.signal
  const seen = observe(clock, watchMs, () => enough.abort(new Error('enough was seen')))
  const stream = createStream({ camera: name, feed: seen.feed, clock, metrics })
  const source = createSource({ camera, mediaTools, log })
  const pull = await source.open({ thorough, signal })
  const startedAt = clock.now()
  try {
    await pullOnce({
      ...{ camera: name, pull, pace: source.pace, thorough, stream, mediaTools, clock, log, signal },
      onFirstFrame() {},
    })
  } catch (error) {
    if (!enough.signal.aborted) throw error
  } finally {
    await pull.release()
  }
  const { init, fragments } = seen
  if (!init || fragments.length === 0) {
    throw new SharpEyesError('camera_ended', `camera ${name} ended before its first picture`)
  }
  const firstPictureMs = (fragments[0]?.arrivedAt ?? startedAt) - startedAt
  const report = reportOf({ url, encodedFrom: pull.encodedFrom, init, fragments, firstPictureMs })
  const key = fragments.findLast((fragment) => fragment.key)
  return { report, picture: key ? codedPicture(init, key) : null }
}

/** A key frame needs no other to be decoded. */
const codedPicture = ({ bytes: init, timescale }: InitSegment, key: Fragment): CodedPicture => ({
  ...{ init, timescale, coded: [key.bytes] },
  ticks: (key.mediaMs * timescale) / 1000,
  capturedAt: Math.round(key.capturedAt),
})

/** A URL with a password is refused; until then it stands in messages. */
const withoutUserinfo = (url: string): string => url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1')

interface Seen {
  readonly feed: HubReader
  readonly init: InitSegment | null
  readonly fragments: readonly Fragment[]
}

function observe(clock: Clock, watchMs: DurationMs, onEnough: () => void): Seen {
  const fragments: Fragment[] = []
  let init: InitSegment | null = null
  let keys = 0
  let firstAt: EpochMs | null = null
  const feed: HubReader = {
    init(segment) {
      init = segment
    },
    fragment(fragment) {
      fragments.push(fragment)
      firstAt ??= fragment.arrivedAt
      if (fragment.key) keys++
      const watched = clock.now() - firstAt
      if (watched >= watchMs || (keys >= ENOUGH_KEYS && watched >= ENOUGH_MS)) onEnough()
    },
    ended() {},
  }
  return {
    feed,
    fragments,
    get init() {
      return init
    },
  }
}
