import { UNASKED } from '../../core/attention.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Attention, Frame } from '../../core/frame.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { Fragment, Hub, InitSegment } from '../hub/fragment.ts'
import { createAttentionRule } from './attention.ts'
import { type DecodeProcess, startDecodeProcess } from './decode-process.ts'
import { createFeeder, type Feed } from './feeder.ts'
import { createFrameOutlet, type Stretch } from './frame-outlet.ts'
import { analysisSize, type Size } from './size.ts'

/** Decodes one camera out of its hub: key frames in sentry, everything at full attention. */
export interface Decoder {
  /** Takes effect at once, without a new connection: the GOP under way is caught up with. */
  setAttention(attention: Attention): void
  /** What holds now: what was asked, or full attention that the stream forces, with the reason. */
  readonly attention: Attention
  stop(): Promise<void>
}

export interface DecoderTuning {
  /** Fed but no picture for so long: the decoder is stuck and is started anew. */
  readonly stuckMs: number
  /** A key frame that has not come out after so long when the next one goes in has not answered. */
  readonly answerMs: number
  /** Key frames further apart cost full attention (DESIGN: GOPs over 2 s; the rest is jitter and 12.5 fps). */
  readonly maxGopMs: number
  /** ffmpeg's MP4 reader keeps an index entry for every fragment: after so many a fresh process takes over. */
  readonly recycleAfter: number
  /** A decoder that is let go may take so long for its last pictures. */
  readonly drainMs: number
  /** Input that ffmpeg has not read after so long: decoding goes on at the next key frame instead of late. */
  readonly behindMs: number
}

const TUNING: DecoderTuning = {
  stuckMs: 5_000,
  answerMs: 300,
  maxGopMs: 2_500,
  recycleAfter: 45_000,
  drainMs: 2_000,
  behindMs: 3_000,
}
/** The same in bytes: a burst of many megabytes is not queued either. */
const MAX_PENDING_BYTES = 24 << 20
const WATCH_MS = 500
const BACKOFF_MS = [0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000] as const
/** Media time that goes back further than reordering does is a jump, flagged or not. */
const JUMP_BACK_MS = 5_000
/** Least rate that a process is started for, so that a small rise needs no new one. */
const LEAST_FPS = 5

/**
 * `onFrame` gets pictures in order of their time, one at a time; while it works, the newest waits and older ones are
 * dropped and counted. A frame's `index`, `capturedAt`, `key` are those of the fragment that it was coded in.
 * `onProblem` hears of a decoder that had to be started anew, and null when pictures come again.
 */
export function createDecoder(deps: {
  readonly camera: string
  readonly hub: Hub
  readonly mediaTools: MediaTools
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Width of the analysis picture, pixels; never enlarged. */
  readonly width?: number
  readonly onFrame: (frame: Frame) => void | Promise<void>
  readonly onProblem: (problem: SharpEyesError | null) => void
  readonly tuning?: Partial<DecoderTuning>
}): Decoder {
  const { camera, clock, log, metrics } = deps
  const tuning = { ...TUNING, ...deps.tuning }
  const feeder = createFeeder()
  const rule = createAttentionRule(tuning.maxGopMs)
  const stopping = new AbortController()
  const processes = new Set<DecodeProcess>()
  let asked: Attention = { level: 'sentry', fps: LEAST_FPS, ...UNASKED }
  let attention = asked
  let init: InitSegment | null = null
  let stretch: Stretch = { number: 0, jumped: false }
  /** Until when the decoder before this one gives out what it holds. */
  let draining: Promise<unknown> | null = null
  let size: Size = { width: 0, height: 0 }
  let current: { process: DecodeProcess; fps: number; startedAt: number } | null = null
  let lastKey: { fragment: Fragment; process: DecodeProcess; since: number | null } | null = null
  /** Since when the decoder owes a picture. */
  let owesSince: number | null = null
  let failures = 0
  let troubled = false
  let notBefore = 0

  const count = (name: string, why: string) => metrics.count(name, { camera, why })
  const outlet = createFrameOutlet(deps)

  function show(fragment: Fragment, rgb: Uint8Array, of: { stretch: Stretch; size: Size }): void {
    owesSince = null
    if (outlet.offer({ fragment, rgb, ...of, fps: attention.fps })) recovered()
  }

  /** A decoder that shows a picture and dies again keeps its backoff. */
  function recovered(): void {
    if (troubled) deps.onProblem(null)
    troubled = false
    if (current && clock.now() - current.startedAt > 2 * tuning.stuckMs) failures = 0
  }

  function start(from: InitSegment): NonNullable<typeof current> {
    const of = { stretch, size }
    const fps = Math.max(LEAST_FPS, attention.fps)
    const process = startDecodeProcess({
      ...{ mediaTools: deps.mediaTools, init: from, size, fps },
      ...(draining === null ? {} : { after: draining }),
      onPicture: (fragment, rgb) => show(fragment, rgb, of),
      onDrop(why, fragment) {
        count('decoder_dropped_total', why)
        // A surplus or damaged picture is an answer too.
        if (fragment) owesSince = null
      },
    })
    processes.add(process)
    process.exited.then(
      ({ fault }) => {
        processes.delete(process)
        if (fault && current?.process === process) failed(fault)
      },
      (error: unknown) => failed(String(error)),
    )
    return { process, fps, startedAt: clock.now() }
  }

  /** The process ends by itself when what it holds has come out; one that does not is killed. */
  function letGo(): void {
    const old = current?.process
    current = null
    lastKey = null
    owesSince = null
    if (!old) return
    old.end()
    draining = old.exited
    clock
      .sleep(tuning.drainMs, stopping.signal)
      .then(() => kill(old))
      // Aborted: stop() ends every process.
      .catch(() => undefined)
  }

  function kill(process: DecodeProcess): void {
    if (!processes.has(process)) return
    process
      .stop()
      .catch((error: unknown) => log.warn({ camera, error: String(error) }, 'a decoder did not stop'))
  }

  function failed(fault: string): void {
    if (stopping.signal.aborted) return
    const old = current?.process
    current = null
    lastKey = null
    owesSince = null
    notBefore = clock.now() + (BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)] ?? 0)
    failures++
    troubled = true
    metrics.count('decoder_restarts_total', { camera })
    log.warn({ camera, fault, failures }, 'the decoder is started anew')
    deps.onProblem(
      new SharpEyesError(
        'camera_codec',
        `camera ${camera}: the decoder failed and is started anew: ${fault}`,
      ),
    )
    if (old) kill(old)
    feedAll(feeder.restart())
  }

  function feedAll(feeds: readonly Feed[]): void {
    for (const { fragment, wanted } of feeds) {
      if (feed(fragment, wanted)) continue
      // A gap would leave later fragments without their references.
      feeder.skipToKey()
      break
    }
  }

  /** False: the fragment did not go in. */
  function feed(fragment: Fragment, wanted: boolean): boolean {
    if (!init || stopping.signal.aborted) return false
    const now = clock.now()
    if (!current) {
      // Without its key frame nothing decodes: a process is started for a key frame only, and after the backoff.
      if (!fragment.key || now < notBefore) return false
      current = start(init)
    }
    const { process } = current
    const since = process.pendingSince
    if (process.pendingBytes > MAX_PENDING_BYTES || (since !== null && now - since > tuning.behindMs)) {
      count('decoder_dropped_total', 'behind')
      // One that reads nothing and shows nothing any more is stuck.
      owesSince ??= now
      return false
    }
    if (fragment.key) {
      if (feeder.level === 'sentry') checkAnswer(now)
      lastKey = { fragment, process, since: process.opened ? now : null }
    }
    process.feed(fragment, wanted, now)
    owesSince ??= now
    return true
  }

  function checkAnswer(now: number): void {
    if (!lastKey) return
    if (!lastKey.process.awaits(lastKey.fragment)) {
      rule.answered()
      return
    }
    // One that went in before ffmpeg was up, or a moment ago, may still answer.
    if (lastKey.since === null || now - lastKey.since < tuning.answerMs) return
    count('decoder_dropped_total', 'unanswered_key')
    rule.unanswered(feeder.companions > 0, now)
    feeder.needCompanions()
  }

  /** Puts what is asked, or what the stream forces, into effect. */
  function apply(): void {
    const next = rule.judge(asked, clock.now())
    const before = attention
    attention = next
    if (before.level !== next.level || before.reason !== next.reason)
      log.info({ camera, level: next.level, reason: next.reason }, 'attention')
    metrics.gauge('decoder_full_attention', { camera }, next.level === 'full' ? 1 : 0)
    // A decoder that was confused by key frames of an open GOP, or drops pictures that are asked for now, is replaced.
    const forcedNow = next !== asked && before.level !== next.level
    const tooSlow = next.level === 'full' && current !== null && next.fps > current.fps
    if (forcedNow || tooSlow) {
      // What it still holds comes again from the one that takes its place.
      const old = current?.process
      letGo()
      if (old) kill(old)
      feeder.setLevel(next.level)
      feedAll(feeder.restart())
    } else feedAll(feeder.setLevel(next.level))
  }

  const subscription = deps.hub.subscribe({
    init(next) {
      letGo()
      feeder.reset()
      rule.reset()
      init = next
      size = analysisSize(next, deps.width ?? 640)
      stretch = { number: stretch.number + 1, jumped: false }
      failures = 0
      notBefore = 0
      apply()
    },
    fragment(fragment) {
      if (fragment.discontinuity || fragment.mediaMs < feeder.latestMs - JUMP_BACK_MS) {
        letGo()
        feeder.reset()
        stretch = { number: stretch.number + 1, jumped: true }
      }
      if (fragment.key && current && current.process.fed >= tuning.recycleAfter) letGo()
      feedAll(feeder.offer(fragment))
      rule.gop(feeder.longestGopMs)
      if (rule.judge(asked, clock.now()).level !== attention.level) apply()
    },
    ended() {
      letGo()
      feeder.reset()
      init = null
    },
  })

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(WATCH_MS, stopping.signal)
      const allowed = Math.max(tuning.stuckMs, 3_000 / Math.max(attention.fps, 0.1))
      if (owesSince !== null && clock.now() - owesSince > allowed)
        failed(`no picture for ${Math.round(allowed / 1000)} s although it was fed`)
    }
  }
  const watching = watch().catch((error: unknown) => {
    if (!stopping.signal.aborted)
      log.error({ camera, error: String(error) }, 'the watch of the decoder failed')
  })

  return {
    setAttention(next) {
      asked = next
      apply()
    },
    get attention() {
      return attention
    },
    async stop() {
      stopping.abort()
      subscription[Symbol.dispose]()
      await Promise.all([...processes].map((process) => process.stop()))
      await watching
      await outlet.close()
    },
  }
}
