import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBoxWatch } from '../../../dashboard-api/web/src/video/box-state.ts'
import { createBoxTimeline } from '../../../dashboard-api/web/src/video/box-timeline.ts'
import { catchUp, createCaptureTimes } from '../../../dashboard-api/web/src/video/catch-up.ts'
import { createHoldBack } from '../../../dashboard-api/web/src/video/hold-back.ts'
import { parseLiveMessage } from '../../../dashboard-api/web/src/video/live-message.ts'

const found = (mediaMs: number) => ({ mediaMs, boxes: [] })

describe('the boxes of the picture on screen', () => {
  it('are those of the last analysed picture up to it, never of a later one', () => {
    const timeline = createBoxTimeline()
    for (const ms of [1_000, 1_200, 1_400]) timeline.add(found(ms))
    expect(timeline.at(999.9)?.mediaMs, 'the same time, rounded').toBe(1_000)
    const pictures = [1_000, 1_160, 1_200, 1_240, 1_399.6, 1_440]
    expect(pictures.map((ms) => timeline.at(ms)?.mediaMs)).toEqual([1_000, 1_000, 1_200, 1_200, 1_400, 1_400])
    expect(createBoxTimeline().at(0)).toBeNull()
    timeline.clear()
    timeline.add(found(2_000))
    expect(timeline.at(1_960)).toBeNull()
  })

  it('go after a second without another analysed picture', () => {
    const timeline = createBoxTimeline()
    timeline.add(found(1_000))
    expect(timeline.at(2_000)?.mediaMs).toBe(1_000)
    expect(timeline.at(2_040)).toBeNull()
    timeline.add(found(3_000))
    expect(timeline.at(3_000)?.mediaMs).toBe(3_000)
  })

  it('are forgotten when the time of the stream goes back', () => {
    const timeline = createBoxTimeline()
    timeline.add(found(60_000))
    timeline.add(found(0))
    expect(timeline.at(60_000)).toBeNull()
    expect(timeline.at(40)?.mediaMs).toBe(0)
  })

  it('are a bounded number, however many come', () => {
    const timeline = createBoxTimeline()
    for (let n = 0; n < 5_000; n++) timeline.add(found(n * 40))
    expect(timeline.at(4_000 * 40)).toBeNull()
    expect(timeline.at(4_900 * 40)?.mediaMs).toBe(4_900 * 40)
  })
})

describe('the picture waits for its boxes', () => {
  it('as long as most of them take, and a little more', () => {
    const hold = createHoldBack()
    expect(hold.seconds()).toBe(0)
    for (const delay of [0.1, 0.2, 0.12, -0.02]) hold.came(delay)
    expect(hold.seconds()).toBeCloseTo(0.35)
    hold.came(3)
    expect(hold.seconds(), 'one that is far too late is not waited for').toBeCloseTo(0.35)
    for (let n = 0; n < 20; n++) hold.came(0.05)
    expect(hold.seconds(), 'what was long ago does not count').toBeCloseTo(0.2)
    hold.clear()
    expect(hold.seconds()).toBe(0)
  })

  it('not at all where that would not help, and never so long that it is no live picture', () => {
    const slow = createHoldBack()
    for (let n = 0; n < 20; n++) slow.came(0.9)
    expect(slow.seconds()).toBe(0)
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 10, noNaN: true })), (delays) => {
        const hold = createHoldBack()
        for (const delay of delays) hold.came(delay)
        expect(hold.seconds()).toBeGreaterThanOrEqual(0)
        expect(hold.seconds()).toBeLessThanOrEqual(0.6)
      }),
    )
  })

  it('by playing a little slower; nothing else changes where nothing is held back', () => {
    expect(catchUp(10, 10.3, 0.5)).toEqual({ kind: 'rate', rate: 0.9 })
    expect(catchUp(10, 10.6, 0.5)).toEqual({ kind: 'rate', rate: 1 })
    expect(catchUp(10, 10.9, 0.5)).toEqual({ kind: 'rate', rate: 1.05 })
    expect(catchUp(10, 13.5, 0.5)).toEqual({ kind: 'seek', to: 13 })
    expect(catchUp(10, 10.1)).toEqual({ kind: 'rate', rate: 1 })
  })

  it('ends there from any start', () => {
    const [start, hold] = [
      fc.double({ min: 0, max: 20, noNaN: true }),
      fc.double({ min: 0, max: 0.6, noNaN: true }),
    ]
    fc.assert(
      fc.property(start, hold, (behind, seconds) => {
        let [position, edge] = [0, behind]
        for (let step = 0; step < 2_000; step++) {
          const decision = catchUp(position, edge, seconds)
          position = decision.kind === 'seek' ? decision.to : position + 0.04 * decision.rate
          edge += 0.04
        }
        expect(edge - position).toBeGreaterThanOrEqual(seconds - 0.001)
        expect(edge - position).toBeLessThanOrEqual(0.95)
      }),
    )
  })
})

describe('what is said of boxes', () => {
  const boxes = [{ label: 'person', score: 0.9, box: [0, 0, 0.1, 0.1] as const, still: false }]
  const started = 1_790_000_000_000
  const facts = {
    ...{ hasClock: true, playing: true, shownMs: 0, now: 1_000 },
    captureAt: (mediaMs: number): number | null => started + mediaMs,
  }
  /** Asked at 0; a picture of media time `mediaMs` was analysed, and its boxes came at `at`, when `shownMs` was on screen. */
  const watching = (at?: number, mediaMs = at ?? 0, shownMs = mediaMs) => {
    const watch = createBoxWatch()
    watch.begin(0)
    if (at !== undefined) watch.found(found(mediaMs), shownMs, at)
    return watch
  }

  it('is why none are drawn, each cause by its own name', () => {
    const state = (watch: ReturnType<typeof watching>, more: Partial<typeof facts> = {}) =>
      watch.report({ ...facts, ...more }).state
    expect(state(watching())).toBe('waiting')
    expect(state(watching(900))).toBe('shown')
    expect(state(watching(900, 900, 1_900))).toBe('shown')
    expect(state(watching(900, 900, 1_940))).toBe('behind')
    const blind = watching(900)
    blind.found(null, 900, 950)
    expect(state(blind)).toBe('noModel')
    expect(state(watching(900), { hasClock: false })).toBe('noClock')
    expect(state(watching(), { now: 35_000 })).toBe('waiting')
    expect(state(watching(), { now: 35_001 })).toBe('late')
    expect(state(watching(10_000), { now: 45_000 })).toBe('shown')
    expect(state(watching(10_000), { now: 45_001 })).toBe('late')
  })

  it('is not that the analysis is late when it was the line that was cut', () => {
    const watch = watching(10_000)
    const cut = watch.report({ ...facts, playing: false, now: 300_000 })
    expect(cut.state).toBe('waiting')
    watch.begin(300_000)
    expect(watch.report({ ...facts, now: 300_250 })).toEqual({ state: 'waiting', last: null })
    expect(watch.report({ ...facts, now: 335_001 }).state).toBe('late')
    watch.found(found(20), 20, 336_000)
    expect(watch.report({ ...facts, now: 336_000 }).state).toBe('shown')
  })

  it('is the time of the newest analysed picture and what it had, also long after it was on screen', () => {
    const watch = watching(5_000, 4_400)
    const look = { capturedAt: started + 4_000, found: 0, gone: false }
    expect(watch.report({ ...facts, shownMs: 4_500 }).last).toEqual(look)
    expect(watch.report({ ...facts, shownMs: 30_000, now: 30_000 })).toEqual({
      state: 'shown',
      last: { ...look, gone: true },
    })
    watch.found({ mediaMs: 31_000, boxes }, 31_000, 31_500)
    const next = { capturedAt: started + 31_000, found: 1 }
    expect(watch.report({ ...facts, shownMs: 32_000, now: 32_500 }).last).toEqual({ ...next, gone: false })
    expect(watch.report({ ...facts, shownMs: 32_040, now: 32_540 }).last).toEqual({ ...next, gone: true })
    expect(watch.report({ ...facts, shownMs: 80_000, now: 80_000 })).toEqual({
      state: 'late',
      last: { ...next, gone: true },
    })
  })

  it('waits for the time of a picture that is analysed before it is buffered, and keeps it when that is gone', () => {
    const watch = watching(9_000)
    const times = createCaptureTimes()
    const captureAt = (mediaMs: number) => times.at(mediaMs / 1_000)
    const buffer = (mediaEnd: number) => times.add(mediaEnd, started + mediaEnd * 1_000 - 40)
    expect(watch.report({ ...facts, captureAt }).last).toBeNull()
    buffer(5)
    expect(watch.report({ ...facts, captureAt }).last, 'four seconds short of it').toBeNull()
    buffer(9)
    expect(watch.report({ ...facts, captureAt }).last, 'up to it').toBeNull()
    buffer(9.04)
    expect(watch.report({ ...facts, captureAt }).last?.capturedAt).toBe(started + 9_000)
    expect(watch.report({ ...facts, captureAt: () => null }).last?.capturedAt).toBe(started + 9_000)
  })
})

describe('the word about boxes on the live socket', () => {
  it('is read, and one that is broken is no word', () => {
    expect(parseLiveMessage('{"found":{"mediaMs":40.5,"boxes":[]}}')).toEqual({
      kind: 'found',
      found: { mediaMs: 40.5, boxes: [] },
    })
    expect(parseLiveMessage('{"found":null}')).toEqual({ kind: 'found', found: null })
    expect(parseLiveMessage('{"found":{"mediaMs":40.5}}').kind).toBe('unreadable')
  })
})
