import type { CameraFacts } from '../../core/camera-setup.ts'
import type { DurationMs } from '../../core/units.ts'
import type { Fragment, InitSegment } from '../hub/fragment.ts'
import { findProblems, type ProbeProblem } from './problems.ts'

/** What `camera probe` found, after a few seconds of the real stream. */
export interface CameraReport extends CameraFacts {
  readonly url: string
  readonly frames: number
  readonly problems: readonly ProbeProblem[]
}

export interface Observation {
  readonly url: string
  readonly encodedFrom: string | null
  readonly init: InitSegment
  readonly fragments: readonly Fragment[]
  readonly firstPictureMs: DurationMs
}

/** Over RTSP the first times of a connection are guesses. */
const GARBLED = 4
/** Servers send what they have buffered at once: the clock's rate is measured after that, over at least RATE_MS. */
const BURST_MS: DurationMs = 1_500
const RATE_MS: DurationMs = 2_000

/** Facts and problems of what was seen. `fragments`: at least one. */
export function reportOf({ url, encodedFrom, init, fragments, firstPictureMs }: Observation): CameraReport {
  const settled = fragments.length > 2 * GARBLED ? fragments.slice(GARBLED) : fragments
  const seconds = (f: Fragment) => f.decodeTime / init.timescale
  const span = spanOf(settled, seconds)
  const bytes = settled.reduce((sum, f) => sum + f.bytes.length, 0)
  const clock = fragments.at(-1)?.clock ?? { kind: 'arrival' as const, errorMs: 0 }
  const facts = {
    url,
    codec: init.codec,
    codecName: /^(avc|h264)/.test(init.codec) ? ('H.264' as const) : ('H.265' as const),
    encodedFrom,
    width: init.width,
    height: init.height,
    fps: span > 0 ? round((settled.length - 1) / span) : 0,
    kbitPerSecond: span > 0 ? Math.round((bytes * 8) / 1_000 / span) : 0,
    keyFrameSeconds: longestGop(fragments, seconds),
    bFrames: settled.some((f, i) => i > 0 && f.mediaMs < (settled[i - 1]?.mediaMs ?? 0)),
    clock,
    clockRate: rateOf(settled, seconds),
    firstPictureMs,
    watchedSeconds: round(spanOf(fragments, seconds)),
    frames: fragments.length,
  }
  return { ...facts, problems: findProblems(facts) }
}

const round = (value: number): number => Math.round(value * 100) / 100

function spanOf(fragments: readonly Fragment[], seconds: (f: Fragment) => number): number {
  const [first, last] = [fragments[0], fragments.at(-1)]
  return first && last ? seconds(last) - seconds(first) : 0
}

function longestGop(fragments: readonly Fragment[], seconds: (f: Fragment) => number): number | null {
  const keys = fragments.filter((f) => f.key)
  const gaps = keys.slice(1).map((f, i) => seconds(f) - seconds(keys[i] ?? f))
  return gaps.length > 0 ? round(Math.max(...gaps)) : null
}

function rateOf(fragments: readonly Fragment[], seconds: (f: Fragment) => number): number | null {
  const from = (fragments[0]?.arrivedAt ?? 0) + BURST_MS
  const steady = fragments.filter((f) => f.arrivedAt >= from)
  const wall = (steady.at(-1)?.arrivedAt ?? 0) - (steady[0]?.arrivedAt ?? 0)
  return wall >= RATE_MS ? round((spanOf(steady, seconds) * 1_000) / wall) : null
}
