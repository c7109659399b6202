import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** What a bad network does to live views: nothing, every line broken and refused, nothing more comes, or little. */
export type LineState = 'good' | 'cut' | 'stalled' | 'slow'

export interface LiveLine extends AsyncDisposable {
  readonly url: string
  set(state: LineState): void
}

const IS_LIVE = /^GET \/api\/cameras\/[^/]+\/live/
/** Bytes a second of the slow line, and how often some come. */
const SLOW_BYTES = 8_000
const SLOW_EVERY_MS = 250

/** Stands between a browser and the server at `url`; only live views suffer, the rest of the page does not. */
export async function startLiveLine(url: string): Promise<LiveLine> {
  const { hostname, port } = new URL(url)
  const lines = new Set<{ readonly apply: () => void; readonly end: () => void }>()
  let state: LineState = 'good'
  const server: Server = createServer((browser) => {
    browser.on('error', () => browser.destroy())
    browser.once('data', (first) => {
      browser.pause()
      const live = IS_LIVE.test(first.toString('latin1'))
      if (live && state === 'cut') return browser.destroy()
      const upstream = connect(Number(port), hostname)
      upstream.write(first)
      if (live) throttle(browser, upstream)
      else upstream.pipe(browser)
      browser.pipe(upstream)
      upstream.on('error', () => browser.destroy())
      upstream.on('close', () => browser.destroy())
      browser.on('close', () => upstream.destroy())
    })
  })

  function throttle(browser: Socket, upstream: Socket): void {
    const drip = setInterval(() => {
      if (state !== 'slow') return
      const bytes = upstream.read(Math.min(upstream.readableLength, (SLOW_BYTES * SLOW_EVERY_MS) / 1_000))
      if (bytes) browser.write(bytes)
    }, SLOW_EVERY_MS)
    const flow = () => {
      if (state !== 'good') return
      for (let bytes = upstream.read(); bytes !== null; bytes = upstream.read()) browser.write(bytes)
    }
    upstream.on('readable', flow)
    const line = {
      apply: () => (state === 'cut' ? browser.destroy() : flow()),
      end: () => browser.destroy(),
    }
    lines.add(line)
    browser.on('close', () => {
      clearInterval(drip)
      lines.delete(line)
    })
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set(next) {
      state = next
      for (const line of lines) line.apply()
    },
    async [Symbol.asyncDispose]() {
      for (const line of lines) line.end()
      server.close()
    },
  }
}
