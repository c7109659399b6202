import { describe, expect, it } from 'vitest'
import type { EventState } from '../../../core/api/around.ts'
import { boxesAt } from '../../../dashboard-api/web/src/alerts/clip-boxes.ts'
import { liveTrouble, troubleReason } from '../../../dashboard-api/web/src/cameras/live-trouble.ts'
import {
  EMPTY_FILING,
  missingOf,
  parseDraft,
  withStill,
} from '../../../dashboard-api/web/src/filing/draft.ts'
import { createAppendQueue } from '../../../dashboard-api/web/src/video/append-queue.ts'
import { gapAhead } from '../../../dashboard-api/web/src/video/catch-up.ts'
import type { LiveView } from '../../../dashboard-api/web/src/video/live-view.ts'
import { placeTiles, readLayout, wallOrder } from '../../../dashboard-api/web/src/wall/tiles.ts'

describe('the tiles of the wall', () => {
  const cameras = ['a', 'b', 'c', 'd'].map((id) => ({ id }))
  const alert = (camera: string, severity: number, startedAt: string) => ({ camera, severity, startedAt })

  it('have their layout in the URL; what cannot be is passed over', () => {
    const read = (query: string) => readLayout(new URLSearchParams(query))
    expect(read('')).toEqual({ tiles: 9, live: 9, cameras: [] })
    expect(read('tiles=16&live=4&cameras=b,,a,b')).toEqual({ tiles: 16, live: 4, cameras: ['b', 'a'] })
    expect(read('tiles=7&live=99')).toEqual({ tiles: 9, live: 9, cameras: [] })
    expect(read('tiles=4&live=-1')).toEqual({ tiles: 4, live: 4, cameras: [] })
  })

  it('show cameras with urgent alerts first, also those that nobody chose', () => {
    const alerts = [alert('d', 2, '2026-01-01'), alert('c', 1, '2025-01-01'), alert('gone', 1, '2026-01-01')]
    const layout = { tiles: 9, live: 9, cameras: ['b', 'a'] }
    expect(wallOrder(cameras, alerts, layout).map(({ id }) => id)).toEqual(['c', 'd', 'b', 'a'])
    expect(wallOrder(cameras, [], { ...layout, cameras: [] })).toEqual(cameras)
  })

  it('stay where they are; who comes takes the place of who goes', () => {
    expect(placeTiles([], ['a', 'b', 'c'], 2)).toEqual(['a', 'b'])
    expect(placeTiles(['a', 'b'], ['c', 'b', 'a'], 2)).toEqual(['c', 'b'])
    expect(placeTiles(['a', 'b', 'c'], ['c', 'b', 'a'], 3)).toEqual(['a', 'b', 'c'])
    expect(placeTiles(['a', 'b', 'c'], ['b'], 3)).toEqual(['b'])
  })
})

describe('what waits for a busy buffer', () => {
  const part = (size: number, key = false, init = false) => ({
    bytes: new Uint8Array(size),
    capturedAt: init ? null : 1,
    key,
  })

  it('is dropped up to the next key frame when it is too much, and counted; the init segment stays', () => {
    const queue = createAppendQueue(100)
    queue.add(part(10, false, true))
    for (const each of [part(50, true), part(30), part(30), part(30), part(40, true), part(10)])
      queue.add(each)
    expect(queue.dropped).toBe(4)
    const left = [queue.next(), queue.next(), queue.next(), queue.next()]
    expect(left.map((each) => each?.bytes.length)).toEqual([10, 40, 10, undefined])
  })

  it('takes one key frame that is larger than all of it', () => {
    const queue = createAppendQueue(100)
    queue.add(part(500, true))
    expect([queue.next()?.bytes.length, queue.dropped]).toEqual([500, 0])
  })

  it('leaves a hole that the picture jumps over', () => {
    const ranges = [
      [0, 10],
      [12, 20],
    ] as const
    expect(gapAhead(5, ranges)).toBeNull()
    expect(gapAhead(9.95, ranges)).toBe(12)
    expect(gapAhead(13, ranges)).toBeNull()
  })
})

describe('boxes over a film', () => {
  const at = Date.parse('2026-05-01T10:00:00Z')
  const state = (ms: number, score: number): EventState => ({
    at: new Date(at + ms).toISOString(),
    kind: 'update',
    score,
    box: [0.1, 0.1, 0.2, 0.2],
    detections: [],
  })

  it('are those of the moment on screen, or none', () => {
    const states = [state(0, 0.5), { ...state(200, 0.9), box: [0.5, 0.5, 0.6, 0.6] as const }]
    expect(boxesAt(states, at + 40, '明火')).toEqual([
      { box: [0.1, 0.1, 0.2, 0.2], label: '明火', strong: true },
    ])
    expect(boxesAt(states, at + 190, '明火')[0]?.box[0]).toBe(0.5)
    expect(boxesAt(states, at + 501, '明火')).toEqual([])
    expect(boxesAt(states, at - 301, '明火')).toEqual([])
  })
})

describe('why a live picture is not what it should be', () => {
  const camera = { state: 'online', since: null, live: 'mse', codec: 'hvc1' } as const
  const view = (more: Partial<LiveView>): LiveView => ({
    way: 'mse',
    state: { kind: 'playing' },
    stillError: null,
    dropped: 0,
    ...more,
  })
  const kind = (more: Partial<LiveView>, over: object = {}, covered: string | null = null) =>
    liveTrouble({ ...camera, ...over }, view(more), covered)?.kind ?? null

  it('is told by its own name', () => {
    expect(kind({})).toBeNull()
    expect(kind({ state: { kind: 'refused', reason: 'x', code: 403 } }, { state: 'offline' })).toBe('noRight')
    expect(kind({ state: { kind: 'refused', reason: 'x', code: 4401 } })).toBe('refused')
    expect(kind({}, { state: 'offline' })).toBe('offline')
    expect(kind({}, {}, '2026-05-01T10:00:00Z')).toBe('covered')
    expect(kind({ state: { kind: 'stalled', reason: null, code: null } })).toBe('reconnecting')
    expect(kind({ way: 'mpeg1' })).toBe('slow')
    expect(kind({ way: 'stills', state: { kind: 'noRoom' } })).toBe('noRoom')
    expect(kind({ way: 'stills' }, { live: 'stills' })).toBe('masked')
    expect(kind({ way: 'stills', stillError: new Error('x') })).toBe('still')
  })
})

describe('the reason of a live picture that broke off', () => {
  const words = { t: (key: string) => `<${key}>`, exists: (key: string) => /\.(1013|decode)$/.test(key) }
  const reason = (code: number | null, text: string) => troubleReason(code, text, words)

  it('is in words of the dictionary, or marked as the English that it is', () => {
    expect(reason(1013, 'too slow')).toEqual({ text: '<live.close.1013>' })
    expect(reason(null, 'decode')).toEqual({ text: '<live.fault.decode>' })
    const english = 'PIPELINE_ERROR_DECODE: VDA Error 4'
    expect(reason(null, english)).toEqual({ text: english, lang: 'en' })
    expect(reason(4444, 'away')).toEqual({ text: 'away', lang: 'en' })
  })
})

describe('a draft of a case by hand', () => {
  it('outlives the session, and what another version left is passed over', () => {
    const draft = { ...EMPTY_FILING, type: 'litter', note: '路边', severity: 3 as const }
    expect(parseDraft(JSON.stringify(draft))).toEqual(draft)
    for (const text of [null, '', '[]', '7', '{"severity":9,"stills":[{"ticket":1}]}'])
      expect(parseDraft(text)).toEqual(EMPTY_FILING)
  })

  it('takes a still with its camera and place, and keeps what a person has written', () => {
    const still = { ticket: 't', capturedAt: '2026-05-01T10:00:00Z', camera: 'gate' }
    const fresh = withStill(EMPTY_FILING, still, '学府路 1 号')
    expect(fresh).toMatchObject({ camera: 'gate', place: '学府路 1 号', stills: [still] })
    expect(withStill({ ...EMPTY_FILING, place: '人民路' }, still, '学府路')).toMatchObject({
      place: '人民路',
    })
    expect(missingOf(fresh)).toBe('type')
    expect(missingOf({ ...fresh, type: 'litter', note: ' ' })).toBe('note')
    expect(missingOf({ ...fresh, type: 'litter', note: '垃圾' })).toBeNull()
  })
})
