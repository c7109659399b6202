import { UNASKED } from '../../core/attention.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Attention, Frame } from '../../core/frame.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import type { EpochMs } from '../../core/units.ts'
import type { Fragment, InitSegment } from '../hub/fragment.ts'
import { createAttentionRule } from './attention.ts'
import { type DecodeProcess, startDecodeProcess } from './decode-process.ts'
import { createFeeder, type Feed, REORDER_COMPANIONS } from './feeder.ts'
import { createKeyTally } from './key-tally.ts'
import { isSampled } from './sampling.ts'
import { analysisSize, type Size } from './size.ts'

/** As the live decoder: key frames further apart are decoded in full, a fresh process after so many fragments. */
const MAX_GOP_MS = 2_500
const RECYCLE_AFTER = 45_000
const LEAST_FPS = 5
/**
 * Bounds of what is between the disk and the rules: so much of the recording waits for ffmpeg, and so many decoded pictures
 * for the rules (16:9: 0.7 MB each). With more no picture is read from ffmpeg, which then waits with the few of its own.
 */
const MAX_PENDING_BYTES = 256 << 10
const MOST_WAITING = 8
/** A key frame that has not come out after so long does not decode on its own; a starved ffmpeg is slow, most of all to start. */
const ANSWER_MS = 6_000
/** Of one that ffmpeg complained of little is to be expected. */
const DAMAGED_ANSWER_MS = 200
/** It was fed, and neither takes nor gives anything for so long. */
const STUCK_MS = 30_000
const LOOK_MS = 4

/** What a hub handed on when it was recorded, in the same order. */
export type RecordedItem =
  | { readonly kind: 'init'; readonly init: InitSegment }
  | { readonly kind: 'fragment'; readonly fragment: Fragment }

interface Run {
  readonly process: DecodeProcess
  readonly fps: number
  gone: boolean
}

/** What becomes of a picture. The consumer owns its pixels. */
export interface RecordedConsumer {
  /** How many ask for pictures; each at its own attention, as if it alone were watching. */
  readonly watchers: number
  /** `takes[n]`: watcher `n` would have been given the picture. Answers what each wants from now on. */
  onFrame(frame: Frame, takes: readonly boolean[]): Promise<readonly Attention[]>
}

/**
 * Decodes what was recorded as the live decoder did: key frames alone until somebody wants more, and then the rest of
 * the group of pictures that is under way. Nothing is dropped for its age: the disk waits for the rules. Answers when the
 * key frames were taken that did not decode. Throws the signal's reason, and what `onFrame` throws; ffmpeg is gone when it settles.
 */
export async function decodeRecorded(deps: {
  readonly camera: string
  readonly items: AsyncIterable<RecordedItem>
  readonly mediaTools: MediaTools
  readonly clock: Clock
  /** Width of the analysis picture, pixels. */
  readonly width: number
  readonly consumer: RecordedConsumer
  readonly signal: AbortSignal
}): Promise<{ readonly damaged: readonly EpochMs[] }> {
  const { camera, clock, consumer, signal } = deps
  const feeder = createFeeder()
  const rule = createAttentionRule(MAX_GOP_MS)
  const keys = createKeyTally()
  const shown: (number | null)[] = Array.from({ length: consumer.watchers }, () => null)
  let wishes: readonly Attention[] = shown.map(() => SENTRY)
  let attention: Attention = SENTRY
  let init: InitSegment | null = null
  let size: Size = { width: 0, height: 0 }
  let jumped = false
  let current: Run | null = null
  let lastKey: { readonly fragment: Fragment; readonly run: Run } | null = null
  /** Fragments that came after the latest key frame, fed or not. */
  let sinceKey = 0
  let waiting = 0
  /** Pictures that came out and were judged: slow rules are no stuck decoder. */
  let judged = 0
  let turn: Promise<void> = Promise.resolve()
  let failure: { readonly error: unknown } | null = null

  const check = (): void => {
    signal.throwIfAborted()
    if (failure) throw failure.error
  }
  /** False: it did not come about, and for so long no picture was judged either. */
  const until = async (done: () => boolean, ms: number): Promise<boolean> => {
    for (let left = ms, before = judged; left > 0 || waiting > 0; left -= LOOK_MS) {
      check()
      if (done()) return true
      if (judged !== before) [left, before] = [ms, judged]
      await clock.sleep(LOOK_MS, signal)
    }
    return done()
  }

  const show = async (fragment: Fragment, rgb: Uint8Array, of: Size): Promise<void> => {
    if (failure || signal.aborted) return
    const seconds = fragment.mediaMs / 1_000
    const takes = wishes.map(({ fps }, n) => {
      const last = shown[n] ?? null
      return (last === null || seconds > last) && (fragment.key || isSampled(seconds, last, fps))
    })
    if (!takes.includes(true)) return
    takes.forEach((take, n) => {
      if (take) shown[n] = seconds
    })
    const { connection, index, mediaMs, capturedAt, clock: stamped, key } = fragment
    const discontinuity = jumped
    jumped = false
    wishes = await consumer.onFrame(
      {
        ...{ cameraId: camera, connection, index, mediaMs, capturedAt, clock: stamped, key, discontinuity },
        ...{ width: of.width, height: of.height, rgb },
      },
      takes,
    )
  }

  const start = (from: InitSegment): Run => {
    const of = size
    const fps = Math.max(LEAST_FPS, attention.fps)
    const process = startDecodeProcess({
      ...{ mediaTools: deps.mediaTools, init: from, size, fps },
      onPicture(fragment, rgb) {
        keys.came(fragment)
        waiting += 1
        process.hold(waiting >= MOST_WAITING)
        turn = turn
          .then(() => show(fragment, rgb, of))
          .catch((error: unknown) => {
            failure ??= { error }
          })
          .finally(() => {
            waiting -= 1
            judged += 1
            process.hold(waiting >= MOST_WAITING)
          })
      },
      // A key frame that came out damaged did not come.
      onDrop: () => undefined,
    })
    const run: Run = { process, fps, gone: false }
    void process.exited.then(() => {
      run.gone = true
    })
    return run
  }

  /** What the process holds comes out, and was judged; then it is gone. */
  const finish = async (): Promise<void> => {
    const old = current
    current = null
    lastKey = null
    if (!old) return
    old.process.end()
    try {
      await until(() => old.gone, STUCK_MS)
    } finally {
      await old.process.stop()
    }
    await turn
    check()
  }

  const apply = async (now: number): Promise<void> => {
    const asked = highest(wishes)
    const next = rule.judge(asked, now)
    const forced = next !== asked && attention.level !== next.level
    attention = next
    // A decoder that was confused by key frames that need others is replaced.
    if (forced) {
      await finish()
      feeder.setLevel(next.level)
      await feedAll(feeder.restart())
    } else await feedAll(feeder.setLevel(next.level))
  }

  /** Before anything else goes in, the rules have seen the key frame and said what they want. */
  const answered = async (now: number): Promise<void> => {
    if (!lastKey) return
    const { fragment, run } = lastKey
    lastKey = null
    const isOut = () => run.gone || !run.process.awaits(fragment)
    await until(() => isOut() || run.process.opened, STUCK_MS)
    const isBad = () => run.process.suspects(fragment)
    await until(() => isOut() || isBad(), ANSWER_MS)
    const came = await until(isOut, isBad() ? DAMAGED_ANSWER_MS : LOOK_MS)
    await turn
    check()
    if (run.gone) {
      // A picture that ends its decoder is damaged; the next key frame gets a new one.
      current = null
      feeder.skipToKey()
      return
    }
    if (came) rule.answered()
    else {
      rule.unanswered(feeder.companions > 0, now)
      feeder.needCompanions()
    }
    await apply(now)
  }

  const feed = async ({ fragment, wanted }: Feed): Promise<boolean> => {
    if (!init) return false
    // It may have died between two key frames.
    if (current?.gone) current = null
    if (!current) {
      if (!fragment.key) return false
      current = start(init)
    }
    const run = current
    const { process } = run
    const isFree = () => run.gone || (waiting < MOST_WAITING && process.pendingBytes <= MAX_PENDING_BYTES)
    if (!(await until(isFree, STUCK_MS)))
      throw new SharpEyesError(
        'not_ready',
        `a recording of camera ${camera} was not decoded: ffmpeg stands still`,
        { details: { why: 'decoder_stuck' } },
      )
    process.feed(fragment, wanted)
    if (fragment.key) {
      lastKey = { fragment, run }
      keys.went(fragment)
    }
    return true
  }
  async function feedAll(feeds: readonly Feed[]): Promise<void> {
    for (const one of feeds) {
      if (await feed(one)) continue
      feeder.skipToKey()
      break
    }
  }

  const take = async (fragment: Fragment): Promise<void> => {
    if (fragment.discontinuity) {
      await finish()
      feeder.reset()
      shown.fill(null)
      jumped = true
    }
    // By then a stream that reorders has shown it, and its key frame was pushed out.
    const isDue = fragment.key || (feeder.level === 'sentry' && sinceKey >= REORDER_COMPANIONS)
    if (isDue) await answered(fragment.capturedAt)
    sinceKey = fragment.key ? 0 : sinceKey + 1
    if (fragment.key && current && (current.process.fed >= RECYCLE_AFTER || attention.fps > current.fps))
      await finish()
    await feedAll(feeder.offer(fragment))
    rule.gop(feeder.longestGopMs)
    if (rule.judge(highest(wishes), fragment.capturedAt).level !== attention.level)
      await apply(fragment.capturedAt)
  }

  try {
    for await (const item of deps.items) {
      check()
      if (item.kind === 'init') {
        await finish()
        feeder.reset()
        rule.reset()
        shown.fill(null)
        init = item.init
        size = analysisSize(init, deps.width)
      } else await take(item.fragment)
    }
    await finish()
    return { damaged: keys.missing() }
  } finally {
    await (current as Run | null)?.process.stop()
  }
}

const SENTRY: Attention = { level: 'sentry', fps: 0, ...UNASKED }

/** The attention that gives each watcher what it asks for. */
const highest = (wishes: readonly Attention[]): Attention =>
  wishes.reduce((best, wish) => (rank(wish) > rank(best) ? wish : best), SENTRY)
const rank = ({ level, fps }: Attention): number => (level === 'full' ? 1 + fps : 0)
