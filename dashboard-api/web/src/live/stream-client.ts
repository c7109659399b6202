import type { Backoff } from './backoff.ts'
import { createSseParser, type SseEvent } from './sse-parser.ts'

/** The server sends a comment every 15 s; more than two missed and the line is dead, whatever the socket says. */
export const WATCHDOG_MS = 35_000

/** Why there is no stream. `network`: nobody answers; `server`: it answers, but not with a stream; `silent`: half open. */
export type StreamFault = 'network' | 'server' | 'silent'

export interface StreamDeps {
  /** Opens `GET /api/stream`; rejects when the network does. `text` yields decoded chunks as they come. */
  open(after: string | null, signal: AbortSignal): Promise<{ status: number; text: AsyncIterable<string> }>
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** The wait before the next attempt; over early when the network is back. */
  pause(ms: number, signal: AbortSignal): Promise<void>
  readonly backoff: Backoff
  /** Position to go on from; null: from now on. */
  position(): string | null
  onOpen(): void
  /** Any bytes, comments too: the line lives. */
  onBytes(): void
  onEvent(event: SseEvent): void
  onDown(fault: StreamFault): void
}

export type StreamEnd = 'unauthorized' | 'aborted'

/** Keeps one stream open until it is aborted or the session has ended. */
export async function runStream(deps: StreamDeps, signal: AbortSignal): Promise<StreamEnd> {
  while (!signal.aborted) {
    const outcome = await runOnce(deps, signal)
    if (signal.aborted) break
    if (outcome === 'unauthorized') return 'unauthorized'
    deps.onDown(outcome)
    try {
      await deps.pause(deps.backoff.next(), signal)
    } catch (stopped) {
      if (!signal.aborted) throw stopped
    }
  }
  return 'aborted'
}

async function runOnce(deps: StreamDeps, signal: AbortSignal): Promise<StreamFault | 'unauthorized'> {
  const attempt = new AbortController()
  const stop = () => attempt.abort()
  signal.addEventListener('abort', stop, { once: true })
  const watchdog = createWatchdog(deps.sleep, attempt)
  watchdog.feed()
  try {
    const { status, text } = await deps.open(deps.position(), attempt.signal)
    if (status === 401) return 'unauthorized'
    if (status !== 200) return 'server'
    deps.backoff.reset()
    deps.onOpen()
    const parser = createSseParser(deps.onEvent)
    for await (const chunk of text) {
      watchdog.feed()
      deps.onBytes()
      parser.push(chunk)
    }
    return 'server' // closed politely: a restart, or a proxy's time limit
  } catch {
    // Whatever the browser's words for it: our own watchdog cut the line, or the network did.
    return watchdog.barked() ? 'silent' : 'network'
  } finally {
    watchdog.leave()
    attempt.abort()
    signal.removeEventListener('abort', stop)
  }
}

function createWatchdog(sleep: StreamDeps['sleep'], attempt: AbortController) {
  let current: AbortController | null = null
  let barked = false
  const feed = () => {
    current?.abort()
    const round = new AbortController()
    current = round
    sleep(WATCHDOG_MS, round.signal).then(
      () => {
        if (round.signal.aborted) return
        barked = true
        attempt.abort()
      },
      () => undefined, // fed again or left: nothing to do
    )
  }
  return { feed, leave: () => current?.abort(), barked: () => barked }
}
