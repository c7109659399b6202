import type { RecordingPart } from '../../../../core/ports/recordings.ts'
import { createMarks, type Marks } from './marks.ts'

export type FetchPart = (at: number, ms: number, signal: AbortSignal) => Promise<RecordingPart | null>

export interface ReplayPlayer {
  /** Shows the picture of a moment; what an older call has begun is given up. */
  seek(at: number): void
  /** Keeps the picture with the clock; called for every picture of the screen. */
  follow(at: number, speed: number, playing: boolean): void
  /** Capture time of the picture on screen; null: none is. */
  shownAt(): number | null
  /** A picture that must be there is not: the clock waits. */
  readonly waiting: boolean
  beside(at: number, direction: 1 | -1): number | null
  close(): void
}

interface Segment {
  readonly connection: number
  readonly source: MediaSource
  readonly buffer: SourceBuffer
  readonly url: string
  readonly marks: Marks
  /** Media time as the player tells it minus that of the fragments, s. */
  shift: number | null
}

const FIRST_MS = 2_000
const MORE_MS = 10_000
/** Seconds of media kept ready ahead, times the speed, and kept behind. */
const AHEAD_S = 6
const BEHIND_S = 20
/** Past the beginning of a picture, so that rounding never shows the one before. */
const INTO_S = 0.002
const DRIFT_MS = 250
/** Slower cameras send a picture a second: what is further apart is not one recording. */
const HOLE_MS = 2_000
const RETRY_MS = 2_000

/** Plays one camera's recording by pulling its parts, in bounded memory. A new connection is a new media source. */
export function createReplayPlayer(
  video: HTMLVideoElement,
  fetchPart: FetchPart,
  report: (error: unknown) => void,
  /** Another picture is on screen: its time is told with it, not a moment later. */
  onShown: () => void,
): ReplayPlayer {
  let segment: Segment | null = null
  let job: AbortController | null = null
  let next: number | null = null
  let wanted: number | null = null
  let waiting = false
  let failedAt = 0
  let closed = false
  let shownMedia: number | null = null

  const onFrame = (_now: number, { mediaTime }: VideoFrameCallbackMetadata) => {
    shownMedia = mediaTime
    onShown()
    if (!closed) video.requestVideoFrameCallback?.(onFrame)
  }
  video.requestVideoFrameCallback?.(onFrame)

  const drop = () => {
    if (!segment) return
    URL.revokeObjectURL(segment.url)
    segment = null
    shownMedia = null
    video.removeAttribute('src')
    video.load()
  }
  const open = async (part: RecordingPart, signal: AbortSignal): Promise<Segment> => {
    if (segment?.connection === part.connection) return segment
    if (!MediaSource.isTypeSupported(part.mime)) throw new TypeError(part.mime)
    drop()
    const source = new MediaSource()
    const url = URL.createObjectURL(source)
    video.src = url
    await new Promise<void>((resolve, reject) => {
      source.addEventListener('sourceopen', () => resolve(), { once: true })
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    const buffer = source.addSourceBuffer(part.mime)
    const { connection } = part
    const opened: Segment = { connection, source, buffer, url, marks: createMarks(), shift: null }
    segment = opened
    await append(opened, part.init)
    return opened
  }
  const append = (to: Segment, bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      const { buffer } = to
      buffer.addEventListener('updateend', () => resolve(), { once: true })
      buffer.addEventListener('error', () => reject(new TypeError('append')), { once: true })
      buffer.appendBuffer(bytes as Uint8Array<ArrayBuffer>)
    })
  const trim = (from: Segment): Promise<void> =>
    new Promise((resolve) => {
      const until = video.currentTime - BEHIND_S
      const { buffer } = from
      if (buffer.buffered.length === 0 || buffer.buffered.start(0) >= until) return resolve()
      buffer.addEventListener('updateend', () => resolve(), { once: true })
      buffer.remove(0, until)
    })
  const load = async (at: number, ms: number, signal: AbortSignal): Promise<void> => {
    const part = await fetchPart(at, ms, signal)
    signal.throwIfAborted()
    next = part?.next ?? null
    if (!part) {
      failedAt = performance.now() // not asked for again at once
      return
    }
    const into = await open(part, signal)
    into.marks.add(part.fragments)
    const bytes = new Uint8Array(part.fragments.reduce((sum, one) => sum + one.bytes.byteLength, 0))
    let offset = 0
    for (const one of part.fragments) {
      bytes.set(one.bytes, offset)
      offset += one.bytes.byteLength
    }
    await append(into, bytes)
    if (into.shift === null && into.buffer.buffered.length > 0)
      into.shift =
        into.buffer.buffered.start(0) - Math.min(...part.fragments.map((one) => one.mediaMs)) / 1_000
    signal.throwIfAborted()
    await trim(into)
  }
  /** One at a time: a buffer takes one thing after the other. */
  let chain: Promise<unknown> = Promise.resolve()
  const begin = (at: number, ms: number, onDone: () => void) => {
    const mine = new AbortController()
    job?.abort()
    job = mine
    chain = chain
      .then(() => (mine.signal.aborted ? undefined : load(at, ms, mine.signal)))
      .then(() => {
        if (job !== mine || mine.signal.aborted) return
        job = null
        report(null)
        onDone()
      })
      .catch((error: unknown) => {
        if (mine.signal.aborted || closed) return
        job = null
        failedAt = performance.now()
        report(error)
      })
  }
  const mediaOf = (at: number): number | null => {
    const media = segment?.marks.mediaAt(at)
    return media === null || media === undefined ? null : media / 1_000 + (segment?.shift ?? 0)
  }
  const isBuffered = (time: number): boolean => {
    const ranges = segment?.buffer.buffered
    if (!ranges) return false
    for (let i = 0; i < ranges.length; i++)
      if (ranges.start(i) - INTO_S <= time && time + INTO_S < ranges.end(i)) return true
    return false
  }
  const aheadOf = (time: number): number => {
    const ranges = segment?.buffer.buffered
    for (let i = 0; ranges && i < ranges.length; i++)
      if (ranges.start(i) - INTO_S <= time && time <= ranges.end(i)) return ranges.end(i) - time
    return 0
  }
  const shownAt = (): number | null => {
    if (!segment || video.readyState < 2 || video.seeking) return null
    const time = shownMedia ?? video.currentTime
    return segment.marks.captureAt((time - (segment.shift ?? 0)) * 1_000)
  }
  /**
   * Puts the picture of `at` on screen when it is in memory. The last one that is loaded may not be it: the one of `at` may
   * be in the next part. `fresh`: that part has just come, so it is.
   */
  const place = (at: number, fresh = false): boolean => {
    const media = mediaOf(at)
    if (!segment || media === null || !isBuffered(media)) return false
    const { marks, shift } = segment
    const taken = marks.captureAt((media - (shift ?? 0)) * 1_000)
    if (taken === null || at - taken > HOLE_MS) return false
    const after = marks.beside(taken, 1)
    if (!fresh && (after === null || after - taken > HOLE_MS)) return false
    video.currentTime = media + INTO_S
    return true
  }

  return {
    get waiting() {
      return waiting
    },
    shownAt,
    beside: (at, direction) => segment?.marks.beside(at, direction) ?? null,
    seek(at) {
      wanted = at
      if (place(at)) {
        job?.abort()
        job = null
        wanted = null
        return
      }
      waiting = true
      begin(at, FIRST_MS, () => {
        if (wanted !== null && place(wanted, true)) wanted = null
      })
    },
    follow(at, speed, playing) {
      if (!segment || wanted !== null) {
        waiting = job !== null
        if (!job && wanted !== null && performance.now() - failedAt > RETRY_MS) this.seek(at)
        return
      }
      const ahead = aheadOf(video.currentTime)
      if (!job && next !== null && ahead < AHEAD_S * speed && performance.now() - failedAt > RETRY_MS)
        begin(next, speed > 1 ? MORE_MS * 2 : MORE_MS, () => undefined)
      waiting = playing && (video.seeking || video.readyState < 3) && (job !== null || next !== null)
      if (!playing) {
        if (!video.paused) video.pause()
        return
      }
      if (video.paused && video.readyState >= 2) video.play().catch(() => undefined)
      const shown = shownAt()
      if (shown === null) return
      const drift = shown - at
      // Too far away, or another connection: its media time begins anew.
      if (Math.abs(drift) > DRIFT_MS * 4 * speed && !video.seeking) {
        if (!place(at) && !job && performance.now() - failedAt > RETRY_MS) this.seek(at)
      } else video.playbackRate = speed * (Math.abs(drift) < DRIFT_MS ? 1 : drift > 0 ? 0.9 : 1.1)
    },
    close() {
      closed = true
      job?.abort()
      drop()
    },
  }
}
