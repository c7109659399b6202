import { askText, type LiveBoxes } from '../../../../core/live-boxes.ts'
import { createBackoff } from '../live/backoff.ts'
import { parseLiveMessage } from './live-message.ts'
import type { LiveState } from './live-view.ts'
import { createPictureWatch } from './picture-watch.ts'
import type { LivePlayer, MakePlayer } from './player.ts'

const STALL_MS = 5_000
/** Until the first word: the server looks up who asks, notes it down, and may have to open the camera at its worker. */
const OPEN_MS = 10_000
/** A timer that comes this late: the page was held up, and what came meanwhile is read within a second. */
const HELD_UP_MS = 1_000
const HIDDEN_MS = 10_000
/** Close codes of the server after which another try is useless: the session ended; only stills are allowed. */
const SESSION_ENDED = 4401
const MASKED = 4403
/** As many slow streams are made as the worker has room for: stills meanwhile, and another try now and then. */
const NO_ROOM = 4409
const ROOM_FIRST_MS = 10_000
const ROOM_MOST_MS = 120_000

export interface LiveSession {
  shownCapture(): number | null
  /** Epoch ms of the picture at a time of the stream that plays (milliseconds); null: not known. */
  captureAt(mediaMs: number): number | null
  /** Fragments that this machine left out so far. */
  dropped(): number
  /** Asks for boxes, or no longer; also after the line was cut and stands again. */
  wantBoxes(wanted: boolean): void
  close(): void
}

/** One live view: connects, plays, notices a stall, reconnects 1 → 30 s (10 → 120 s for room), rests while the tab is hidden. */
export function openLive(
  url: string,
  makePlayer: MakePlayer,
  report: (state: LiveState) => void,
  /** Why another try is useless, after a handshake that failed; null: it may help. */
  whyRefused: () => Promise<{ readonly reason: string; readonly code: number } | null>,
  /** What was found in a picture of the stream that plays; null: no model looks, none will come. */
  onFound: (found: LiveBoxes | null) => void = () => undefined,
): LiveSession {
  const backoff = createBackoff(1_000, 30_000)
  // Of a wall whose tiles were all refused at once each knocks at a moment of its own.
  const roomBackoff = createBackoff(ROOM_FIRST_MS, ROOM_MOST_MS)
  let socket: WebSocket | null = null
  let player: LivePlayer | null = null
  let mime = ''
  const picture = createPictureWatch()
  let dropped = 0
  let opened = false
  let wantsBoxes = false
  let stallTimer: ReturnType<typeof setTimeout> | undefined
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  let hideTimer: ReturnType<typeof setTimeout> | undefined
  let closed = false
  /** A last word was said: nothing more is tried. */
  let over = false
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
  const waitForRoom = () => {
    drop()
    leavePlayer()
    onState({ kind: 'noRoom' })
    if (!document.hidden) retryTimer = setTimeout(connect, roomBackoff.next())
  }
  const leavePlayer = () => {
    dropped += player?.dropped() ?? 0
    player?.close()
    player = null
  }
  const give = (state: LiveState) => {
    over = true
    drop()
    leavePlayer()
    onState(state)
  }
  /** Only a new player helps, or none does. */
  const replace = (why: string | null) => {
    if (closed || over) return
    if (picture.failed()) give({ kind: 'unplayable', mime })
    else reconnect(why)
  }
  const watch = (ms = STALL_MS) => {
    clearTimeout(stallTimer)
    const due = performance.now() + ms
    stallTimer = setTimeout(() => {
      if (performance.now() - due > HELD_UP_MS) watch(HELD_UP_MS)
      else reconnect(null)
    }, ms)
  }
  /** After a fragment: whether the picture goes on with what comes. */
  const follow = () => {
    if (document.hidden) return picture.rest()
    const seen = picture.see(player?.shownCapture() ?? null, performance.now())
    // Not by a fragment or a first picture: each try is noted down as a look, and some players get no further.
    if (seen === 'goes') {
      backoff.reset()
      roomBackoff.reset()
    } else if (seen === 'stands') replace(null)
  }

  const onData = (data: string | ArrayBuffer) => {
    const message = parseLiveMessage(data)
    watch()
    switch (message.kind) {
      case 'opened':
        leavePlayer()
        picture.begin()
        mime = message.mime
        player = makePlayer(mime, replace)
        if (!player) give({ kind: 'unplayable', mime })
        return
      case 'init':
        player?.init(message.bytes)
        return
      case 'fragment':
        player?.fragment(message.bytes, message.capturedAt, message.key)
        if (!socket) return // the player broke on it
        onState({ kind: 'playing' })
        return follow()
      case 'found':
        if (!wantsBoxes) return // it was on its way when they were turned off
        if (message.found) player?.analysed?.(message.found.mediaMs)
        return onFound(message.found)
      case 'ended':
        ended = message.reason // the close frame with its code follows
        return
      case 'unreadable':
        return reconnect(message.why)
    }
  }
  /** A browser does not tell why a handshake was refused: the page asks, once each time. */
  const refusedOr = (mine: WebSocket, reason: string | null, code: number) => {
    clearTimeout(stallTimer)
    void whyRefused().then((refusal) => {
      if (closed || socket !== mine) return
      if (refusal) give({ kind: 'refused', ...refusal })
      else reconnect(reason, code)
    })
  }
  const connect = () => {
    if (closed || over || socket) return
    clearTimeout(retryTimer)
    retryTimer = undefined
    ended = null
    const mine = new WebSocket(url)
    socket = mine
    opened = false
    mine.binaryType = 'arraybuffer'
    mine.addEventListener('open', () => {
      opened = true
      if (wantsBoxes) mine.send(askText(true))
    })
    watch(OPEN_MS)
    mine.addEventListener('message', (event: MessageEvent<string | ArrayBuffer>) => {
      if (socket === mine) onData(event.data)
    })
    mine.addEventListener('close', (event) => {
      if (socket !== mine) return
      if (event.code === MASKED) give({ kind: 'masked' })
      else if (event.code === NO_ROOM) waitForRoom()
      else if (event.code === SESSION_ENDED) give({ kind: 'refused', reason: event.reason, code: event.code })
      else if (opened) reconnect(ended ?? (event.reason || null), event.code)
      else refusedOr(mine, ended ?? (event.reason || null), event.code)
    })
  }
  const onVisibility = () => {
    clearTimeout(hideTimer)
    if (document.hidden) hideTimer = setTimeout(drop, HIDDEN_MS)
    else if (!socket && retryTimer === undefined) connect()
  }

  document.addEventListener('visibilitychange', onVisibility)
  // The network is back: nobody waits out a backoff for that.
  window.addEventListener('online', connect)
  onState({ kind: 'connecting' })
  connect()
  return {
    shownCapture: () => player?.shownCapture() ?? null,
    captureAt: (mediaMs) => player?.captureAt?.(mediaMs) ?? null,
    dropped: () => dropped + (player?.dropped() ?? 0),
    wantBoxes(wanted) {
      if (wanted === wantsBoxes) return
      wantsBoxes = wanted
      if (!wanted) player?.analysed?.(null)
      if (opened && socket?.readyState === WebSocket.OPEN) socket.send(askText(wanted))
    },
    close() {
      closed = true
      clearTimeout(hideTimer)
      document.removeEventListener('visibilitychange', onVisibility)
      window.removeEventListener('online', connect)
      drop()
      leavePlayer()
    },
  }
}
