import type { Browser } from './browser.ts'

export interface SseEvent {
  readonly id: string
  readonly event: string
  readonly data: string
}

/** An open change stream: everything it has said, and waiting for more. */
export interface OpenStream {
  readonly status: number
  readonly events: SseEvent[]
  readonly comments: { count: number }
  /** Resolves when `holds` does; rejects when the stream ends before. */
  until(holds: (events: readonly SseEvent[]) => boolean): Promise<void>
  readonly ended: Promise<void>
  close(): void
}

export async function openStream(browser: Browser, query = '', lastEventId?: string): Promise<OpenStream> {
  const stop = new AbortController()
  const response = await fetch(`${browser.url}/api/stream${query}`, {
    signal: stop.signal,
    headers: {
      Cookie: browser.cookie(),
      ...(lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }),
    },
  })
  const events: SseEvent[] = []
  const comments = { count: 0 }
  const waiting = new Set<() => void>()
  let over = false
  const read = async (): Promise<void> => {
    let rest = ''
    try {
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        const blocks = (rest + chunk).split('\n\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) {
          const fields = new Map(
            block.split('\n').map((line) => {
              const colon = line.indexOf(':')
              return [line.slice(0, colon), line.slice(colon + 2)] as const
            }),
          )
          const event = fields.get('event')
          if (event) events.push({ id: fields.get('id') ?? '', event, data: fields.get('data') ?? '' })
          else comments.count += 1
        }
        for (const wake of [...waiting]) wake()
      }
    } catch (error) {
      if (!stop.signal.aborted && !String(error).includes('terminated')) throw error
    } finally {
      over = true
      for (const wake of [...waiting]) wake()
    }
  }
  const ended = response.status === 200 ? read() : Promise.resolve()
  return {
    status: response.status,
    events,
    comments,
    ended,
    close: () => stop.abort(),
    async until(holds) {
      while (!holds(events)) {
        if (over) throw new Error(`the stream ended after ${events.length} events`)
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake)
            resolve()
          }
          waiting.add(wake)
        })
      }
    },
  }
}
