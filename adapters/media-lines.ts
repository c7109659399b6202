import { StringDecoder } from 'node:string_decoder'

/** Longer lines come from hostile input; the rest of such a line is dropped. */
const MAX_RAW = 16_384
const MAX_SHOWN = 2_000
const KEPT = 20

export interface LineLog {
  push(chunk: Buffer): void
  end(): void
  onLine(listener: (line: string) => void): void
  last(): readonly string[]
}

/** Splits stderr into lines, redacts each before anybody sees it, and keeps the last twenty. */
export function createLineLog(redact: (line: string) => string): LineLog {
  const decoder = new StringDecoder('utf8')
  const listeners: ((line: string) => void)[] = []
  const kept: string[] = []
  let open = ''

  const emit = (raw: string) => {
    if (raw.trim() === '') return
    const line = redact(raw).slice(0, MAX_SHOWN)
    kept.push(line)
    if (kept.length > KEPT) kept.shift()
    for (const listener of listeners) listener(line)
  }

  const take = (text: string) => {
    const parts = (open + text).split(/[\r\n]/)
    open = (parts.pop() ?? '').slice(0, MAX_RAW)
    for (const part of parts) emit(part.slice(0, MAX_RAW))
  }

  return {
    push: (chunk) => take(decoder.write(chunk)),
    end() {
      take(`${decoder.end()}\n`)
    },
    onLine(listener) {
      listeners.push(listener)
    },
    last: () => [...kept],
  }
}
