import { describe, expect, test } from 'vitest'
import type { Fragment, HubReader, InitSegment } from '../../ingest/hub/fragment.ts'
import { createHub } from '../../ingest/hub/hub.ts'
import { createStream } from '../../ingest/hub/stream.ts'
import { recordingLog, recordingMetrics, silentLog } from '../support/log.ts'
import { fragment, initSegment } from './mp4-builder.ts'

const TICKS = 512 // 40 ms of 12800

function setUp(gopBytes?: number) {
  let now = 1_000_000
  const metrics = recordingMetrics()
  const { hub, feed } = createHub({ camera: 'c', log: silentLog, metrics, ...(gopBytes ? { gopBytes } : {}) })
  const clock = { now: () => now, sleep: async () => {} }
  const stream = createStream({ camera: 'c', feed, clock, metrics })
  return {
    hub,
    stream,
    metrics,
    /** Frames from `from`, a key frame every `gop`, 40 ms apart. */
    frames(input: { push(chunk: Uint8Array): void }, count: number, { from = 0, gop = 5 } = {}) {
      for (let i = from; i < from + count; i++) {
        now += 40
        input.push(fragment({ time: i * TICKS, key: i % gop === 0 }))
      }
    },
  }
}

function recorder() {
  const seen: { inits: InitSegment[]; fragments: Fragment[]; ends: string[] } = {
    inits: [],
    fragments: [],
    ends: [],
  }
  const reader: HubReader = {
    init: (segment) => void seen.inits.push(segment),
    fragment: (f) => void seen.fragments.push(f),
    ended: (reason) => void seen.ends.push(reason),
  }
  return { reader, seen }
}

describe('the hub', () => {
  test('a late reader gets init and last GOP at once, then what comes', () => {
    const { hub, stream, frames } = setUp()
    const input = stream.input({ continues: false })
    input.push(initSegment())
    frames(input, 8)
    const { reader, seen } = recorder()
    const subscription = hub.subscribe(reader)
    expect(seen.inits).toHaveLength(1)
    expect(seen.fragments.map((f) => f.index)).toEqual([5, 6, 7])
    frames(input, 1, { from: 8 })
    expect(seen.fragments.at(-1)).toMatchObject({ index: 8, decodeTime: 8 * TICKS, mediaMs: 320, key: false })
    subscription[Symbol.dispose]()
    frames(input, 1, { from: 9 })
    expect(seen.fragments).toHaveLength(4)
    expect(hub.readers).toBe(0)
  })

  test('a GOP too large to be kept is counted, and a late reader begins at the next key frame', () => {
    const { hub, stream, frames, metrics } = setUp(400)
    const input = stream.input({ continues: false })
    input.push(initSegment())
    frames(input, 8, { gop: 10 })
    const { reader, seen } = recorder()
    hub.subscribe(reader)
    frames(input, 4, { from: 8, gop: 10 })
    expect(seen.fragments.map((f) => f.index)).toEqual([10, 11])
    expect(metrics.counts.get('hub_gop_overflows_total{camera=c}')).toBe(1)
  })

  test('a reader that throws is let go, logged and counted; the others go on', () => {
    const log = recordingLog()
    const metrics = recordingMetrics()
    const { hub, feed } = createHub({ camera: 'c', log, metrics })
    const { reader, seen } = recorder()
    const told: string[] = []
    hub.subscribe({
      init() {
        throw new Error('disk full')
      },
      fragment() {},
      ended: (reason) => void told.push(reason),
    })
    hub.subscribe(reader)
    feed.init({ connection: 1, bytes: new Uint8Array(), codec: 'avc1', width: 1, height: 1, timescale: 1 })
    expect(seen.inits).toHaveLength(1)
    expect(hub.readers).toBe(1)
    expect(told).toEqual(['reader failed: Error: disk full'])
    expect(log.lines.join()).toContain('disk full')
    expect(metrics.counts.get('hub_readers_failed_total{camera=c}')).toBe(1)
  })

  test('a reader that leaves while it is told is told nothing more', () => {
    const { hub, stream, frames } = setUp()
    const input = stream.input({ continues: false })
    input.push(initSegment())
    frames(input, 4)
    const got: number[] = []
    const leaving: { subscription?: Disposable } = {}
    leaving.subscription = hub.subscribe({
      init() {},
      fragment(f) {
        got.push(f.index)
        if (f.index === 4) leaving.subscription?.[Symbol.dispose]()
      },
      ended() {},
    })
    frames(input, 3, { from: 4 })
    expect(got).toEqual([0, 1, 2, 3, 4])
  })
})

describe('the stream', () => {
  test('a reconnect is a new connection whose frames count from 0', () => {
    const { hub, stream, frames } = setUp()
    const { reader, seen } = recorder()
    hub.subscribe(reader)
    const first = stream.input({ continues: false })
    first.push(initSegment())
    frames(first, 3)
    stream.end('server gone')
    const second = stream.input({ continues: false })
    second.push(initSegment())
    frames(second, 2)
    expect(seen.inits.map((i) => i.connection)).toEqual([1, 2])
    expect(seen.ends).toEqual(['server gone'])
    expect(seen.fragments.map((f) => [f.connection, f.index, f.decodeTime])).toEqual([
      [1, 0, 0],
      [1, 1, 512],
      [1, 2, 1024],
      [2, 0, 0],
      [2, 1, 512],
    ])
    expect(seen.fragments.some((f) => f.discontinuity)).toBe(false)
  })

  test('a film that starts over goes on in time; one of another size is a new connection', () => {
    const { hub, stream, frames } = setUp()
    const { reader, seen } = recorder()
    hub.subscribe(reader)
    for (const width of [640, 640, 320]) {
      const input = stream.input({ continues: true })
      input.push(initSegment({ width }))
      frames(input, 2)
    }
    expect(seen.fragments.map((f) => [f.connection, f.index, f.decodeTime, f.discontinuity])).toEqual([
      [1, 0, 0, false],
      [1, 1, 512, false],
      [1, 2, 1024, true],
      [1, 3, 1536, false],
      [2, 0, 0, false],
      [2, 1, 512, false],
    ])
    expect(seen.ends).toEqual(['another film follows'])
  })

  test('a codec that cannot be played leaves no half connection', () => {
    const { stream } = setUp()
    const input = stream.input({ continues: false })
    expect(() => input.push(initSegment({ entry: 'mp4v' }))).toThrow('takes H.264 and H.265')
    expect(stream.facts).toMatchObject({ connection: 0, init: null, lastFragmentAt: null })
  })
})
