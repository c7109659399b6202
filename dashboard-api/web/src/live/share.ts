/**
 * One stream for all tabs of the browser: HTTP/1.1 allows six connections per origin over all tabs, and twelve tabs
 * must not make a request wait. The tab that holds the lock leads; the others hear it. Web Locks exist only on https
 * and localhost: elsewhere each tab has its own stream while it is looked at.
 */
export interface Shared<Message> {
  /** Whether this tab holds the stream. */
  leads(): boolean
  post(message: Message): void
}

export async function shareStream<Message>(
  hear: (message: Message) => void,
  lead: (shared: Shared<Message>, signal: AbortSignal) => Promise<void>,
  follow: (shared: Shared<Message>) => void,
  signal: AbortSignal,
): Promise<void> {
  if (!navigator.locks || typeof BroadcastChannel === 'undefined') {
    await whileVisible((inner) => lead({ leads: () => true, post: () => undefined }, inner), signal)
    return
  }
  const channel = new BroadcastChannel('sharp-eyes.stream')
  let leading = false
  const shared: Shared<Message> = { leads: () => leading, post: (message) => channel.postMessage(message) }
  channel.addEventListener('message', (event: MessageEvent<Message>) => hear(event.data))
  try {
    follow(shared)
    await navigator.locks.request('sharp-eyes.stream', { signal }, async () => {
      leading = true
      await lead(shared, signal)
    })
  } catch (stopped) {
    if (!signal.aborted) throw stopped
  } finally {
    leading = false
    channel.close()
  }
}

/** Hidden for this long, a tab gives its connection back. */
const HIDDEN_MS = 60_000

async function whileVisible(run: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const round = new AbortController()
    const stop = () => round.abort()
    let timer: ReturnType<typeof setTimeout> | undefined
    const onVisibility = () => {
      clearTimeout(timer)
      if (document.hidden) timer = setTimeout(stop, HIDDEN_MS)
    }
    signal.addEventListener('abort', stop)
    document.addEventListener('visibilitychange', onVisibility)
    await run(round.signal)
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', onVisibility)
    signal.removeEventListener('abort', stop)
    if (!round.signal.aborted || signal.aborted) return // it ended by itself: the session is over
    await shown(signal)
  }
}

function shown(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (document.hidden && !signal.aborted) return
      document.removeEventListener('visibilitychange', check)
      signal.removeEventListener('abort', check)
      resolve()
    }
    document.addEventListener('visibilitychange', check)
    signal.addEventListener('abort', check)
    check()
  })
}
