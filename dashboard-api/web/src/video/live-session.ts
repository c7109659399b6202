import { createBackoff } from '../live/backoff.ts'
import { parseLiveMessage } from './live-message.ts'
import { canPlay, createMsePlayer, type MsePlayer } from './mse-player.ts'

export type LiveState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'playing' }
  /** Nothing has come for `STALL_MS`, or the line broke: the old picture is greyed. */
  | { readonly kind: 'stalled'; readonly reason: string | null; readonly code: number | null }
  /** This browser cannot play the stream: masked stills are shown instead. */
  | { readonly kind: 'unplayable'; readonly mime: string }
  /** The camera may be shown in masked stills only. */
  | { readonly kind: 'masked' }
  /** Another try would give the same answer. */
  | { readonly kind: 'refused'; readonly reason: string; readonly code: number }

const STALL_MS = 5_000
const HIDDEN_MS = 10_000
/** Close codes of the server after which another try is useless: the session ended; only stills are allowed. */
const SESSION_ENDED = 4401
const MASKED = 4403

export interface LiveSession {
  shownCapture(): number | null
  close(): void
}

/** One live view: connects, plays, notices a stall, reconnects 1 → 30 s, rests while the tab is hidden. */
export function openLive(
  url: string,
  video: HTMLVideoElement,
  report: (state: LiveState) => void,
): LiveSession {
  const backoff = createBackoff(1_000, 30_000)
  let socket: WebSocket | null = null
  let player: MsePlayer | null = null
  let stallTimer: ReturnType<typeof setTimeout> | undefined
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  let hideTimer: ReturnType<typeof setTimeout> | undefined
  let closed = false
  let told: LiveState['kind'] | null = null
  let ended: string | null = null

  // Every fragment says "playing"; the page hears it once.
  const onState = (state: LiveState) => {
    if (state.kind === told) return
    told = state.kind
    report(state)
  }
  const drop = () => {
    clearTimeout(stallTimer)
    clearTimeout(retryTimer)
    retryTimer = undefined
    const old = socket
    socket = null
    old?.close()
  }
  /** The picture stays, greyed, until the next connection has one. */
  const reconnect = (reason: string | null, code: number | null = null) => {
    if (closed) return
    drop()
    onState({ kind: 'stalled', reason, code })
    if (!document.hidden) retryTimer = setTimeout(connect, backoff.next())
  }
  const give = (state: LiveState) => {
    drop()
    player?.close()
    player = null
    onState(state)
  }
  const watch = () => {
    clearTimeout(stallTimer)
    stallTimer = setTimeout(() => reconnect(null), STALL_MS)
  }

  const onData = (data: string | ArrayBuffer) => {
    const message = parseLiveMessage(data)
    watch()
    switch (message.kind) {
      case 'opened':
        if (!canPlay(message.mime)) return give({ kind: 'unplayable', mime: message.mime })
        player?.close()
        player = createMsePlayer(video, message.mime, (why) => reconnect(why))
        return
      case 'init':
        player?.init(message.bytes)
        return
      case 'fragment':
        player?.fragment(message.bytes, message.capturedAt)
        backoff.reset()
        onState({ kind: 'playing' })
        return
      case 'ended':
        ended = message.reason // the close frame with its code follows
        return
      case 'unreadable':
        return reconnect(message.why)
    }
  }
  const connect = () => {
    if (closed || socket) return
    retryTimer = undefined
    ended = null
    const mine = new WebSocket(url)
    socket = mine
    mine.binaryType = 'arraybuffer'
    watch()
    mine.addEventListener('message', (event: MessageEvent<string | ArrayBuffer>) => {
      if (socket === mine) onData(event.data)
    })
    mine.addEventListener('close', (event) => {
      if (socket !== mine) return
      if (event.code === MASKED) give({ kind: 'masked' })
      else if (event.code === SESSION_ENDED) give({ kind: 'refused', reason: event.reason, code: event.code })
      else reconnect(ended ?? (event.reason || null), event.code)
    })
  }
  const onVisibility = () => {
    clearTimeout(hideTimer)
    if (document.hidden) hideTimer = setTimeout(drop, HIDDEN_MS)
    else if (!socket && retryTimer === undefined) connect()
  }

  document.addEventListener('visibilitychange', onVisibility)
  onState({ kind: 'connecting' })
  connect()
  return {
    shownCapture: () => player?.shownCapture() ?? null,
    close() {
      closed = true
      clearTimeout(hideTimer)
      document.removeEventListener('visibilitychange', onVisibility)
      drop()
      player?.close()
    },
  }
}
