import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { affectedBy } from '../../../dashboard-api/web/src/live/affected.ts'
import { createBackoff } from '../../../dashboard-api/web/src/live/backoff.ts'
import { createCoalescer } from '../../../dashboard-api/web/src/live/coalesce.ts'
import { connectionView, STARTING } from '../../../dashboard-api/web/src/live/connection.ts'
import { createPositions, isBefore } from '../../../dashboard-api/web/src/live/positions.ts'
import { createSseParser, type SseEvent } from '../../../dashboard-api/web/src/live/sse-parser.ts'
import { runStream, type StreamDeps, WATCHDOG_MS } from '../../../dashboard-api/web/src/live/stream-client.ts'

function parse(chunks: readonly string[]): SseEvent[] {
  const events: SseEvent[] = []
  const parser = createSseParser((event) => events.push(event))
  for (const chunk of chunks) parser.push(chunk)
  return events
}

describe('the event-stream parser', () => {
  const text =
    ': hello\r\nretry: 2000\n\nid: 7\nevent: alert\ndata: {"a":1}\n\n:beat\n\nid: 8\r\nevent: case\r\ndata: x\r\ndata: y\r\n\r\n'

  it('reads events, leaves comments out, joins lines', () => {
    expect(parse([text])).toEqual([
      { id: '7', event: 'alert', data: '{"a":1}' },
      { id: '8', event: 'case', data: 'x\ny' },
    ])
  })

  it('reads the same wherever the chunks are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 8 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length]
        const chunks = at.slice(1).map((end, index) => text.slice(at[index], end))
        expect(parse(chunks)).toEqual(parse([text]))
      }),
    )
  })
})

/** Time that moves only when the test says so. */
function fakeTime() {
  let now = 0
  const sleepers = new Set<{ at: number; wake: () => void }>()
  return {
    sleep: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        const sleeper = { at: now + ms, wake: resolve }
        sleepers.add(sleeper)
        signal.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          reject(new Error('aborted'))
        })
      }),
    async forward(ms: number) {
      now += ms
      for (const sleeper of [...sleepers]) {
        if (sleeper.at > now) continue
        sleepers.delete(sleeper)
        sleeper.wake()
      }
      await settle()
    },
  }
}
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

/** One connection whose chunks the test pushes. */
function line(signal: AbortSignal) {
  const chunks: string[] = []
  let wake = () => {}
  let closed = false
  return {
    push(chunk: string) {
      chunks.push(chunk)
      wake()
    },
    close() {
      closed = true
      wake()
    },
    async *text() {
      for (;;) {
        const chunk = chunks.shift()
        if (chunk !== undefined) yield chunk
        else if (closed) return
        else {
          await new Promise<void>((resolve, reject) => {
            wake = resolve
            signal.addEventListener('abort', () => reject(new Error('cut')), { once: true })
          })
        }
      }
    },
  }
}

function start(answers: (attempt: number) => number | 'unreachable') {
  const time = fakeTime()
  const stop = new AbortController()
  const heard: string[] = []
  const opened: (string | null)[] = []
  const lines: ReturnType<typeof line>[] = []
  const positions = createPositions()
  const deps: StreamDeps = {
    async open(after, signal) {
      opened.push(after)
      const answer = answers(opened.length)
      if (answer === 'unreachable') throw new TypeError('Failed to fetch')
      const connection = line(signal)
      lines.push(connection)
      return { status: answer, text: connection.text() }
    },
    sleep: time.sleep,
    pause: time.sleep,
    backoff: createBackoff(1_000, 30_000, () => 0.5),
    position: positions.next,
    onOpen: () => heard.push('open'),
    onBytes: () => undefined,
    onEvent(event) {
      heard.push(event.event)
      if (event.id) positions.streamed(event.id)
    },
    onDown: (fault) => heard.push(`down:${fault}`),
  }
  const end = runStream(deps, stop.signal)
  return { time, stop, heard, opened, lines, positions, end }
}

describe('the stream client', () => {
  it('goes on after the last event it has read', async () => {
    const run = start(() => 200)
    run.positions.listRead('41')
    await settle()
    run.lines[0]?.push('id: 42\nevent: alert\ndata: {}\n\n')
    await settle()
    run.lines[0]?.close()
    await settle()
    await run.time.forward(1_000)
    expect(run.heard).toEqual(['open', 'alert', 'down:server', 'open'])
    expect(run.opened.at(-1)).toBe('42')
    run.stop.abort()
    await expect(run.end).resolves.toBe('aborted')
  })

  it('cuts a line that has been silent for the watchdog’s time, and only then', async () => {
    const run = start(() => 200)
    await settle()
    await run.time.forward(WATCHDOG_MS - 1_000)
    run.lines[0]?.push(': beat\n\n')
    await settle()
    await run.time.forward(WATCHDOG_MS - 1_000)
    expect(run.heard).toEqual(['open'])
    await run.time.forward(1_000)
    expect(run.heard).toEqual(['open', 'down:silent'])
    run.stop.abort()
    await run.end
  })

  it('waits longer after each failure, up to 30 s, and anew after a success', async () => {
    const run = start((attempt) => (attempt <= 7 ? 'unreachable' : 200))
    await settle()
    for (const wait of [1, 2, 4, 8, 16, 30]) {
      const before = run.opened.length
      await run.time.forward(wait * 1_000 - 1)
      expect(run.opened.length).toBe(before)
      await run.time.forward(1)
      expect(run.opened.length).toBe(before + 1)
    }
    await run.time.forward(30_000)
    run.lines[0]?.close()
    await settle()
    await run.time.forward(1_000)
    expect(run.heard.filter((word) => word === 'open')).toHaveLength(2)
    run.stop.abort()
    await run.end
  })

  it('ends at 401, because another try would give the same answer', async () => {
    await expect(start(() => 401).end).resolves.toBe('unauthorized')
  })

  it('keeps trying at 500 and 204', async () => {
    const run = start((attempt) => (attempt === 1 ? 500 : 204))
    await settle()
    await run.time.forward(1_000)
    expect(run.heard).toEqual(['down:server', 'down:server'])
    run.stop.abort()
    await run.end
  })
})

describe('positions', () => {
  it('compare as numbers of any length', () => {
    expect(isBefore('9', '10')).toBe(true)
    expect(isBefore('9007199254740993', '9007199254740992')).toBe(false)
  })

  it('begin at the oldest list and tell which later list has missed something', () => {
    const positions = createPositions()
    expect(positions.next()).toBeNull()
    positions.listRead('20')
    positions.listRead('18')
    expect(positions.next()).toBe('18')
    positions.streamed('25')
    positions.streamed('24')
    expect(positions.next()).toBe('25')
    expect(positions.listRead('24')).toBe(true)
    expect(positions.listRead('25')).toBe(false)
  })
})

describe('the connection on screen', () => {
  const open = { open: true, lastByteAt: 100_000, downSince: null, fault: null }

  it('is live while bytes come, stale after the watchdog’s time', () => {
    expect(connectionView(STARTING, 5)).toEqual({ kind: 'starting' })
    expect(connectionView(open, 100_000 + WATCHDOG_MS - 1)).toEqual({ kind: 'live' })
    expect(connectionView(open, 100_000 + WATCHDOG_MS)).toEqual({
      kind: 'stale',
      sinceMs: WATCHDOG_MS,
      dataAt: 100_000,
    })
  })

  it('forgives two seconds, then says what is shown and since when', () => {
    const down = { ...open, open: false, downSince: 101_000, fault: 'network' as const }
    expect(connectionView(down, 102_900)).toEqual({ kind: 'live' })
    expect(connectionView(down, 103_000)).toEqual({ kind: 'offline', sinceMs: 3_000, dataAt: 100_000 })
    expect(connectionView({ ...down, fault: 'server' }, 103_000).kind).toBe('stale')
  })

  it('says at once that nobody answers when there never was a connection', () => {
    const down = { open: false, lastByteAt: null, downSince: 5, fault: 'network' as const }
    expect(connectionView(down, 5).kind).toBe('offline')
  })
})

describe('reading again after changes', () => {
  it('is done at once for the first change and once per interval in a flood, never forgetting the last', () => {
    let now = 0
    const timers: { at: number; run: () => void }[] = []
    const read: number[] = []
    const coalescer = createCoalescer(
      {
        now: () => now,
        after: (ms, run) => {
          timers.push({ at: now + ms, run })
          return () => undefined
        },
      },
      () => 1_000,
      () => read.push(now),
    )
    for (now = 0; now <= 3_000; now += 10) {
      for (const timer of timers.splice(0)) timer.at <= now ? timer.run() : timers.push(timer)
      if (now <= 2_500) coalescer.mark('alerts')
    }
    expect(read).toEqual([0, 1_000, 2_000, 3_000])
  })

  it('names what a change touches, for every topic', () => {
    const change = { key: 'k', at: '', payload: {} }
    expect(affectedBy({ ...change, topic: 'alert' })).toEqual([
      { family: 'alerts' },
      { family: 'alert', id: 'k' },
      { family: 'desk' },
      { family: 'groups' },
    ])
    expect(affectedBy({ ...change, topic: 'case' })).toContainEqual({ family: 'case', id: 'k' })
    expect(affectedBy({ ...change, topic: 'notification' })).toContainEqual({ family: 'case' })
    expect(affectedBy({ ...change, topic: 'camera' })).toContainEqual({ family: 'cameras' })
    expect(affectedBy({ ...change, topic: 'look' })).toEqual([])
  })
})
