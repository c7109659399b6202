import { catchUp, createCaptureTimes, KEEP_S, QUEUE_BYTES } from './catch-up.ts'

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

export interface MsePlayer {
  init(bytes: Uint8Array<ArrayBuffer>): void
  fragment(bytes: Uint8Array<ArrayBuffer>, capturedAt: number): void
  /** Capture time of the picture on screen, epoch ms; null before the first. */
  shownCapture(): number | null
  close(): void
}

/** Plays fragments as they come, near the edge, within bounded memory. `onFault`: only a new player helps. */
export function createMsePlayer(
  video: HTMLVideoElement,
  mime: string,
  onFault: (why: string) => void,
): MsePlayer {
  const Kind = sourceKind()
  if (!Kind) throw new Error('this browser has no Media Source Extensions')
  const source = new Kind()
  const url = URL.createObjectURL(source)
  const times = createCaptureTimes()
  let buffer: SourceBuffer | null = null
  let queue: { readonly bytes: Uint8Array<ArrayBuffer>; readonly capturedAt: number | null }[] = []
  let queued = 0
  let appending: number | null = null
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
    const decision = catchUp(video.currentTime, end)
    if (decision.kind === 'seek') video.currentTime = decision.to
    else video.playbackRate = decision.rate
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
    const next = queue.shift()
    if (!next) return
    queued -= next.bytes.byteLength
    appending = next.capturedAt
    try {
      buffer.appendBuffer(next.bytes)
    } catch (thrown) {
      fail(thrown instanceof Error ? thrown.name : String(thrown))
    }
  }
  const onAppended = () => {
    if (closed) return // a removed buffer throws when it is asked
    const end = edge()
    if (appending !== null && end !== null) times.add(end, appending)
    appending = null
    steer()
    pump()
  }
  const add = (bytes: Uint8Array<ArrayBuffer>, capturedAt: number | null) => {
    if (closed) return
    if (queued + bytes.byteLength > QUEUE_BYTES) return fail('queue')
    queue.push({ bytes, capturedAt })
    queued += bytes.byteLength
    pump()
  }
  const close = () => {
    if (closed) return
    closed = true
    queue = []
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
  video.addEventListener('error', onVideoError)
  video.disableRemotePlayback = true
  video.src = url

  return {
    init: (bytes) => add(bytes, null),
    fragment: (bytes, capturedAt) => add(bytes, capturedAt),
    shownCapture: () => (video.readyState >= 2 ? times.at(video.currentTime) : null),
    close,
  }
}
