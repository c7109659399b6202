import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { MediaProcess, MediaTools } from '../../core/ports/media.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import type { DurationMs } from '../../core/units.ts'
import type { Stream, StreamInput } from '../hub/stream.ts'
import { classify } from '../source/classify.ts'
import type { Pull, Source } from '../source/source.ts'
import { silence } from './watchdog.ts'

export interface PullOnceDeps {
  readonly camera: string
  readonly pull: Pull
  readonly pace: Source['pace']
  readonly thorough: boolean
  readonly stream: Stream
  readonly mediaTools: MediaTools
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Called once, at the first frame. */
  readonly onFirstFrame: () => void
}

/** Silence that ends a connection. Together with the grace and the first wait a stall is over within 10 s. */
const STALL_MS: DurationMs = 6_000
/** From the start of the process to the first frame: open, log in, set up, wait for a key frame of a 10 s GOP. */
const FIRST_FRAME_MS: DurationMs = 12_000
const FIRST_FRAME_THOROUGH_MS: DurationMs = 25_000
/** A blocked ffmpeg ignores SIGTERM; one that does not uses this to tear the session down at the camera. */
const GRACE_MS: DurationMs = 1_500
/** Pictures this late mean a clock of the camera that was set back (ffmpeg then lets it stand), or a line too slow. */
const MAX_LAG_MS: DurationMs = 10_000

/**
 * Runs one ffmpeg to its end and feeds the stream. Returns when a played film ended; for a camera every end is a fault.
 * Throws `camera_*` with the reason, or the signal's reason. The process is gone when this returns: one connection a camera.
 */
export async function pullOnce(deps: PullOnceDeps): Promise<void> {
  const { pull, stream, mediaTools, clock, signal } = deps
  signal.throwIfAborted()
  const child = mediaTools.spawn('ffmpeg', pull.args, {
    fds: pull.fds,
    secrets: pull.secrets,
    stdin: pull.stdin === undefined ? 'ignore' : 'pipe',
  })
  child.stdin?.end(pull.stdin)
  child.onStderr((line) => deps.log.debug({ camera: deps.camera, line }, 'ffmpeg'))

  const done = new AbortController()
  const input = stream.input({ continues: deps.pace === 'played' })
  const startedAt = clock.now()
  const firstFrameMs = deps.thorough ? FIRST_FRAME_THOROUGH_MS : FIRST_FRAME_MS
  const lastAt = () => (input.fragments > 0 ? (stream.facts.lastFragmentAt ?? startedAt) : startedAt)
  const limitMs = () => (input.fragments > 0 ? STALL_MS : firstFrameMs)
  try {
    await Promise.race([
      feeding(deps, child, input),
      child.exited,
      aborted(signal, done.signal),
      silence({ clock, lastAt, limitMs, signal: done.signal }).then(() => {
        throw stalled(deps, input.fragments, limitMs())
      }),
    ])
    const { code } = await child.exited
    if (deps.pace === 'live' || input.fragments === 0 || code !== 0) throw ended(deps, child, input.fragments)
  } finally {
    done.abort(new Error('the pull is over'))
    await child.stop(GRACE_MS)
  }
}

/** Never resolves: it rejects when the bytes cannot be used. */
function feeding(deps: PullOnceDeps, child: MediaProcess, input: StreamInput): Promise<never> {
  return new Promise((_resolve, reject) => {
    let broken = false
    child.stdout.on('data', (chunk: Buffer) => {
      if (broken) return
      const before = input.fragments
      try {
        input.push(chunk)
        if (before === 0 && input.fragments > 0) deps.onFirstFrame()
        const late = deps.pace === 'live' && deps.stream.facts.lagMs > MAX_LAG_MS
        if (late) throw lagging(deps)
      } catch (error) {
        broken = true
        reject(error instanceof SharpEyesError ? named(deps.camera, error) : error)
      }
    })
  })
}

function aborted(signal: AbortSignal, done: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = () => reject(signal.reason)
    signal.addEventListener('abort', fail, { once: true })
    done.addEventListener('abort', () => signal.removeEventListener('abort', fail), { once: true })
  })
}

/** The stream's own errors do not know whose they are. */
const named = (camera: string, error: SharpEyesError) =>
  error.message.startsWith('camera ')
    ? error
    : new SharpEyesError(error.code, `camera ${camera}: ${error.message}`, { cause: error })

const seconds = (ms: number) => Math.round(ms / 1_000)

function stalled({ camera, pace }: PullOnceDeps, fragments: number, limit: number): SharpEyesError {
  const what =
    fragments > 0
      ? `sent no picture for ${seconds(limit)} s`
      : `sent no first picture within ${seconds(limit)} s`
  const hint =
    pace === 'live'
      ? 'the camera or the network stands still; it is connected anew'
      : 'is this machine overloaded?'
  return new SharpEyesError('camera_stalled', `camera ${camera} ${what}: ${hint}`)
}

const lagging = ({ camera, stream }: PullOnceDeps): SharpEyesError =>
  new SharpEyesError(
    'camera_stalled',
    `camera ${camera} is ${seconds(stream.facts.lagMs)} s late by its own clock: the clock was set back or the network is too slow for it; it is connected anew`,
  )

function ended({ camera, pace, pull }: PullOnceDeps, child: MediaProcess, fragments: number): SharpEyesError {
  const lines = child.lastLines()
  if (pace === 'played') {
    const reason = lines.at(-1) ?? 'no picture in it'
    return new SharpEyesError(
      'source_invalid',
      `camera ${camera}: ${pull.name} cannot be played to its end (${reason}); check the file, or write it anew`,
      { details: { lines } },
    )
  }
  const failure = classify(lines, fragments)
  return new SharpEyesError(failure.code, `camera ${camera} ${failure.text}`, {
    details: { lines, busy: failure.cause === 'busy', cause: failure.cause ?? null },
  })
}
