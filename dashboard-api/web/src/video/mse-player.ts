import { createAppendQueue, type Part } from './append-queue.ts'
import { catchUp, createCaptureTimes, gapAhead, KEEP_S, mayJump, type Ranges } from './catch-up.ts'
import { createHoldBack } from './hold-back.ts'
import type { LivePlayer } from './player.ts'

type Source = Pick<MediaSource, 'addSourceBuffer' | 'readyState' | 'addEventListener' | 'endOfStream'>

interface SourceKind {
  new (): MediaSource
  isTypeSupported(mime: string): boolean
}

/** iPhones have only the managed kind. */
const sourceKind = (): SourceKind | null => {
  const managed = (globalThis as { ManagedMediaSource?: SourceKind }).ManagedMediaSource
  return managed ?? (typeof MediaSource === 'undefined' ? null : MediaSource)
}

export const canPlay = (mime: string): boolean => sourceKind()?.isTypeSupported(mime) ?? false

/** Less than this behind the picture is never taken away, however full the buffer is. */
const KEEP_AT_LEAST_S = 2

/** The end of one picture is the start of the next, but for rounding. */
const HALF_TICK_S = 0.0005

/** Plays fragments as they come, near the edge, within bounded memory. `onFault`: only a new player helps. */
export function createMsePlayer(
  video: HTMLVideoElement,
  mime: string,
  onFault: (why: string) => void,
): LivePlayer {
  const Kind = sourceKind()
  if (!Kind) throw new Error('this browser has no Media Source Extensions')
  const source = new Kind()
  const url = URL.createObjectURL(source)
  const times = createCaptureTimes()
  const hold = createHoldBack()
  let buffer: SourceBuffer | null = null
  const queue = createAppendQueue()
  let appending: number | null = null
  let full: Part | null = null
  let closed = false

  const fail = (why: string) => {
    if (closed) return
    close()
    onFault(why)
  }
  const edge = () => {
    if (!buffer || buffer.buffered.length === 0) return null
    return buffer.buffered.end(buffer.buffered.length - 1)
  }
  const steer = () => {
    const end = edge()
    if (end === null) return
    const ranges = rangesOf(video.buffered)
    const ahead = gapAhead(video.currentTime, ranges)
    if (ahead !== null) video.currentTime = ahead
    const decision = catchUp(video.currentTime, end, hold.seconds())
    if (decision.kind === 'rate') video.playbackRate = decision.rate
    else if (mayJump(video.seeking, video.currentTime, ranges)) video.currentTime = decision.to
    // A refusal (a phone that saves power) leaves the poster; the age beside it keeps telling the truth.
    if (video.paused) video.play().catch(() => undefined)
  }
  const trim = (): boolean => {
    if (!buffer || buffer.buffered.length === 0) return false
    const until = video.currentTime - KEEP_S
    if (until - buffer.buffered.start(0) < KEEP_S) return false
    buffer.remove(0, until)
    return true
  }
  const pump = () => {
    if (closed || !buffer || buffer.updating || source.readyState !== 'open') return
    if (trim()) return
    const next = full ?? queue.next()
    if (!next) return
    full = null
    appending = next.capturedAt
    try {
      buffer.appendBuffer(next.bytes)
    } catch (thrown) {
      const name = thrown instanceof Error ? thrown.name : String(thrown)
      if (name !== 'QuotaExceededError' || !makeRoom(next)) fail(name)
    }
  }
  /** The browser's own limit, on a small machine: less is kept behind the picture, and the fragment is tried again. */
  const makeRoom = (part: Part): boolean => {
    if (!buffer || buffer.buffered.length === 0) return false
    const until = video.currentTime - KEEP_AT_LEAST_S
    if (until <= buffer.buffered.start(0)) return false
    full = part
    appending = null
    buffer.remove(0, until)
    return true
  }
  const onAppended = () => {
    if (closed) return // a removed buffer throws when it is asked
    const end = edge()
    if (appending !== null && end !== null) times.add(end, appending)
    appending = null
    steer()
    pump()
  }
  const add = (part: Part) => {
    if (closed) return
    queue.add(part)
    pump()
  }
  const close = () => {
    if (closed) return
    closed = true
    queue.clear()
    full = null
    video.removeEventListener('error', onVideoError)
    video.removeAttribute('src')
    video.load()
    URL.revokeObjectURL(url)
  }
  const onVideoError = () => fail(video.error?.message || 'decode')

  ;(source as Source).addEventListener(
    'sourceopen',
    () => {
      if (closed) return
      try {
        buffer = source.addSourceBuffer(mime)
      } catch (thrown) {
        return fail(thrown instanceof Error ? thrown.name : String(thrown))
      }
      buffer.addEventListener('updateend', onAppended)
      buffer.addEventListener('error', () => fail('append'))
      pump()
    },
    { once: true },
  )
  // The browser took the buffer away, and says no more: fragments would be thrown away for ever.
  ;(source as Source).addEventListener('sourceclose', () => fail('closed'))
  video.addEventListener('error', onVideoError)
  video.disableRemotePlayback = true
  video.src = url

  return {
    init: (bytes) => add({ bytes, capturedAt: null, key: false }),
    fragment: (bytes, capturedAt, key) => add({ bytes, capturedAt, key }),
    dropped: () => queue.dropped,
    analysed(mediaMs) {
      if (mediaMs === null) return hold.clear()
      const end = closed ? null : edge()
      if (end !== null) hold.came(end - mediaMs / 1_000)
    },
    // At the very end of what is buffered the newest picture is the one on screen.
    shownCapture: () => (video.readyState >= 2 ? (times.at(video.currentTime) ?? times.newest()) : null),
    captureAt: (mediaMs) => times.at(mediaMs / 1_000 + HALF_TICK_S),
    close,
  }
}

const rangesOf = (ranges: TimeRanges): Ranges =>
  Array.from({ length: ranges.length }, (_, index) => [ranges.start(index), ranges.end(index)] as const)
