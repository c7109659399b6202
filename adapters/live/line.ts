import { WebSocket } from 'ws'
import type { LiveFormat } from '../../core/live.ts'
import { askText } from '../../core/live-boxes.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { DurationMs } from '../../core/units.ts'
import { type LiveWord, livePath, readLiveWord } from './wire.ts'

/** Where a worker shows its live pictures. */
export interface LiveEndpoint {
  /** http:// or https://, without a slash at its end. */
  readonly url: string
  readonly secret: string
}

export interface WorkerAddress {
  readonly worker: string
  /** Null: it is away, or shows nothing to others. */
  readonly endpoint: LiveEndpoint | null
}

export interface LiveLine {
  /** Resolves with the reason when the line is gone, whoever closed it. */
  readonly closed: Promise<string>
  wantBoxes(wanted: boolean): void
  cut(): void
}

/** A key frame of a 4K camera has some megabytes. */
const MAX_MESSAGE_BYTES = 32 << 20
const HANDSHAKE_MS = 5_000
const PING_MS = 5_000

/**
 * Opens one camera's stream at its worker. Rejects when the worker refuses or does not answer. A worker that vanished says
 * nothing: without a word or a pong for `silenceMs` the line is cut.
 */
export async function openLine(deps: {
  readonly endpoint: LiveEndpoint
  readonly camera: string
  readonly format: LiveFormat
  readonly onWord: (word: LiveWord) => void
  readonly clock: Clock
  readonly silenceMs: DurationMs
  readonly signal: AbortSignal
}): Promise<LiveLine> {
  const { endpoint, camera, format, onWord, clock, silenceMs, signal } = deps
  signal.throwIfAborted()
  const socket = new WebSocket(`${endpoint.url.replace(/^http/, 'ws')}${livePath(camera, format)}`, {
    headers: { authorization: `Bearer ${endpoint.secret}` },
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    // The secret goes to this address and to no other.
    followRedirects: false,
  })
  const cut = () => socket.terminate()
  signal.addEventListener('abort', cut, { once: true })
  let reason = 'the worker closed the line'
  let heardAt = clock.now()
  const ended = new AbortController()
  const closed = new Promise<string>((resolve) => {
    socket.on('close', (_code, words) => {
      ended.abort()
      signal.removeEventListener('abort', cut)
      resolve(words.toString() || reason)
    })
  })
  const opened = new Promise<void>((resolve, reject) => {
    socket.on('open', resolve)
    socket.on('error', (error) => {
      reason = error.message
      reject(error)
    })
  })
  socket.on('message', (data: Buffer, binary) => {
    heardAt = clock.now()
    const word = readLiveWord(data, binary)
    if (word) return onWord(word)
    reason = 'the worker said what is no word of this protocol'
    cut()
  })
  socket.on('pong', () => {
    heardAt = clock.now()
  })
  const watch = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(Math.min(PING_MS, silenceMs / 3), ended.signal)
      if (clock.now() - heardAt > silenceMs) {
        reason = 'the worker is silent'
        return cut()
      }
      socket.ping()
    }
  }
  await opened
  watch().catch(() => undefined) // ends by abort only
  return { closed, cut, wantBoxes: (wanted) => socket.send(askText(wanted)) }
}
