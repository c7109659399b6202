export interface SseEvent {
  readonly id: string | null
  readonly event: string
  readonly data: string
}

/**
 * Reads `text/event-stream` from chunks cut anywhere. `EventSource` of the browser hides comments and status codes,
 * which is how a half-open line and a log-out go unseen; so the app reads the stream itself.
 */
export function createSseParser(onEvent: (event: SseEvent) => void): { push(chunk: string): void } {
  let rest = ''
  let id: string | null = null
  let event = ''
  let data: string[] = []

  const line = (text: string) => {
    if (text === '') {
      if (data.length > 0 || event !== '') onEvent({ id, event: event || 'message', data: data.join('\n') })
      event = ''
      data = []
      return
    }
    if (text.startsWith(':')) return
    const colon = text.indexOf(':')
    const field = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(colon + (text[colon + 1] === ' ' ? 2 : 1))
    if (field === 'id') id = value
    else if (field === 'event') event = value
    else if (field === 'data') data.push(value)
  }

  return {
    push(chunk) {
      rest += chunk
      // A CR at the end may be half of a CRLF: it waits for the next chunk.
      for (;;) {
        const end = /\r\n|\n|\r(?!$)/.exec(rest)
        if (!end) return
        line(rest.slice(0, end.index))
        rest = rest.slice(end.index + end[0].length)
      }
    },
  }
}
