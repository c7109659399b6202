/** The browser's side of the stream client. */
export async function openStream(
  url: string,
  signal: AbortSignal,
): Promise<{ status: number; text: AsyncIterable<string> }> {
  const response = await fetch(url, {
    signal,
    credentials: 'same-origin',
    cache: 'no-store',
    headers: { Accept: 'text/event-stream' },
  })
  const events = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false
  const status = response.status === 200 && !events ? 502 : response.status
  return { status, text: chunks(response) }
}

async function* chunks(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (!reader) return
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel()
  }
}

export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error)
    const stop = () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal.addEventListener('abort', stop, { once: true })
  })
}

/** As `sleep`, but over as soon as the browser says that it has a network again. */
export async function sleepUntilOnline(ms: number, signal: AbortSignal): Promise<void> {
  const early = new AbortController()
  const onOnline = () => early.abort()
  window.addEventListener('online', onOnline)
  try {
    await sleep(ms, AbortSignal.any([signal, early.signal]))
  } catch (stopped) {
    if (signal.aborted || !early.signal.aborted) throw stopped
  } finally {
    window.removeEventListener('online', onOnline)
  }
}
