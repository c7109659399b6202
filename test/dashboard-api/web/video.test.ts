import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attentionReason } from '../../../dashboard-api/web/src/cameras/attention-reason.ts'
import { badFirst } from '../../../dashboard-api/web/src/cameras/order.ts'
import { pictureAge } from '../../../dashboard-api/web/src/cameras/picture-age.ts'
import { saidByTypes, unavailableTypes } from '../../../dashboard-api/web/src/health/unavailable.ts'
import { catchUp, createCaptureTimes, mayJump } from '../../../dashboard-api/web/src/video/catch-up.ts'
import { parseLiveMessage } from '../../../dashboard-api/web/src/video/live-message.ts'
import { createPictureWatch } from '../../../dashboard-api/web/src/video/picture-watch.ts'

const binary = (kind: number, capturedAt: number, ...bytes: number[]) => {
  const buffer = new ArrayBuffer(9 + bytes.length)
  new DataView(buffer).setUint8(0, kind)
  new DataView(buffer).setFloat64(1, capturedAt)
  new Uint8Array(buffer, 9).set(bytes)
  return buffer
}

describe('a message of the live socket', () => {
  it('is the opening, the init segment, a fragment or the end', () => {
    expect(parseLiveMessage('{"mime":"video/mp4","width":640,"height":360}')).toEqual({
      kind: 'opened',
      mime: 'video/mp4',
      width: 640,
      height: 360,
    })
    expect(parseLiveMessage('{"mime":"video/mp4"}')).toMatchObject({ kind: 'opened', width: null })
    expect(parseLiveMessage('{"ended":"away"}')).toEqual({ kind: 'ended', reason: 'away' })
    expect(parseLiveMessage(binary(0, 0, 1, 2))).toEqual({ kind: 'init', bytes: new Uint8Array([1, 2]) })
    expect(parseLiveMessage(binary(2, 1_790_000_000_123.5, 3))).toEqual({
      kind: 'fragment',
      bytes: new Uint8Array([3]),
      capturedAt: 1_790_000_000_123.5,
      key: true,
    })
  })

  it('that is none of these is named so and never throws', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.uint8Array({ maxLength: 12 }).map((a) => new Uint8Array(a).buffer as ArrayBuffer),
    )
    fc.assert(fc.property(anything, (data) => void parseLiveMessage(data)))
    for (const data of [
      '',
      '[]',
      '7',
      'null',
      '{}',
      new ArrayBuffer(9),
      binary(1, Number.NaN, 1),
      binary(1, -1, 1),
      binary(9, 1, 1),
    ]) {
      expect(parseLiveMessage(data).kind).toBe('unreadable')
    }
  })
})

describe('catching up with the edge', () => {
  it('is a little faster when a little behind, and a jump when far behind or ahead', () => {
    expect(catchUp(10, 10.5)).toEqual({ kind: 'rate', rate: 1 })
    expect(catchUp(10, 10.8)).toEqual({ kind: 'rate', rate: 1.05 })
    expect(catchUp(10, 12)).toEqual({ kind: 'rate', rate: 1.15 })
    expect(catchUp(10, 13.5)).toEqual({ kind: 'seek', to: 13.2 })
    expect(catchUp(20, 3)).toEqual({ kind: 'seek', to: 2.7 })
  })

  it('ends near the edge from any start', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 100, noNaN: true }), (behind) => {
        let [position, edge] = [0, behind]
        for (let step = 0; step < 4_000; step++) {
          const decision = catchUp(position, edge)
          position = decision.kind === 'seek' ? decision.to : position + 0.04 * decision.rate
          edge += 0.04
        }
        expect(edge - position).toBeLessThanOrEqual(0.75)
        expect(edge - position).toBeGreaterThanOrEqual(-0.3)
      }),
    )
  })
})

describe('a machine that is slow to decode', () => {
  /** Seconds at which a picture came on screen, where each jump takes `jumpS` and nothing else is shown. */
  const shownAt = (jumpS: number, may: typeof mayJump): number[] => {
    const shown: number[] = []
    let [position, edge] = [0, 5]
    let arrives: number | null = null
    for (let now = 0; now < 60; now += 0.04) {
      edge = 5 + now
      if (arrives !== null && now >= arrives) {
        shown.push(now)
        arrives = null
      }
      const decision = catchUp(position, edge)
      if (decision.kind !== 'seek' || !may(arrives !== null, position, [[0, edge]])) continue
      position = decision.to
      arrives = now + jumpS
    }
    return shown
  }

  it('ends a jump before it begins another one, and shows a picture with each', () => {
    expect(shownAt(4, () => true)).toEqual([])
    expect(shownAt(4, mayJump).length).toBeGreaterThanOrEqual(13)
    expect(shownAt(0.2, mayJump)).toEqual(shownAt(0.2, () => true))
  })

  it('leaves one to where nothing is buffered', () => {
    expect(mayJump(false, 5, [[0, 10]])).toBe(true)
    expect(mayJump(true, 5, [[0, 10]])).toBe(false)
    expect(mayJump(true, 5, [[0, 4], [6, 10]])).toBe(true) // biome-ignore format: one line
    expect(mayJump(true, 5, [])).toBe(true)
  })
})

describe('the time of the picture on screen', () => {
  it('is that of the fragment that holds it', () => {
    const times = createCaptureTimes()
    expect([times.at(0), times.newest()]).toEqual([null, null])
    for (let n = 1; n <= 5_000; n++) times.add(n * 0.04, 1_000_000 + n * 40)
    expect(times.at(4_990.5 * 0.04)).toBe(1_000_000 + 4_991 * 40)
    expect(times.newest()).toBe(1_000_000 + 5_000 * 40)
    expect(times.at(5_000 * 0.04 - 0.001)).toBe(times.newest())
    expect(times.at(5_000 * 0.04), 'the next picture, which is not buffered yet').toBeNull()
    expect(times.at(0), 'long forgotten: that of the oldest that is known').toBeGreaterThan(
      1_000_000 + 2_000 * 40,
    )
  })

  it('decides what it may be called', () => {
    const facts = { now: 100_000, stills: false, stopped: false }
    expect(pictureAge({ ...facts, capturedAt: null })).toEqual({ kind: 'none' })
    expect(pictureAge({ ...facts, capturedAt: 99_400 })).toEqual({ kind: 'live', ms: 600 })
    expect(pictureAge({ ...facts, capturedAt: 94_000 }).kind).toBe('old')
    expect(pictureAge({ ...facts, capturedAt: 94_000, stills: true }).kind).toBe('still')
    expect(pictureAge({ ...facts, capturedAt: 99_900, stopped: true }).kind).toBe('old')
    expect(pictureAge({ ...facts, capturedAt: 100_400 })).toEqual({ kind: 'live', ms: 0 })
  })
})

describe('a picture that stands while fragments come', () => {
  /** A fragment every 40 ms from `from` on, `seconds` long; the picture on screen as `shown` says. */
  const play = (
    watch: ReturnType<typeof createPictureWatch>,
    { from = 0, seconds, shown }: { from?: number; seconds: number; shown: (now: number) => number | null },
  ) => {
    let seen = watch.see(shown(from), from)
    for (let now = from + 40; now <= from + seconds * 1_000; now += 40) seen = watch.see(shown(now), now)
    return seen
  }

  it('is noticed after ten seconds, also when there never was one', () => {
    for (const shown of [1_790_000_000_000, null]) {
      expect(play(createPictureWatch(), { seconds: 9.9, shown: () => shown })).toBe('waits')
      expect(play(createPictureWatch(), { seconds: 10.1, shown: () => shown })).toBe('stands')
    }
  })

  it('is not one that goes on, however slowly', () => {
    const slow = (now: number) => Math.floor(now / 9_000)
    expect(play(createPictureWatch(), { seconds: 300, shown: slow })).toBe('goes')
  })

  it('is not one of a page that was held up for minutes, nor of one that nobody sees', () => {
    const watch = createPictureWatch()
    expect(play(watch, { seconds: 5, shown: () => 1 })).toBe('waits')
    expect(watch.see(1, 300_000)).toBe('waits')
    expect(play(watch, { from: 300_040, seconds: 4, shown: () => 1 })).toBe('waits')
    watch.rest()
    expect(play(watch, { from: 400_000, seconds: 9.9, shown: () => 1 })).toBe('waits')
    expect(play(watch, { from: 410_000, seconds: 1, shown: () => 1 })).toBe('stands')
  })

  it('is one that goes on only when it has for ten seconds, not after a first picture and some more', () => {
    const watch = createPictureWatch()
    expect(play(watch, { seconds: 9.9, shown: (now) => now })).toBe('waits')
    expect(play(watch, { from: 9_940, seconds: 0.2, shown: (now) => now })).toBe('goes')
    const frozen = createPictureWatch()
    expect(play(frozen, { seconds: 19, shown: (now) => Math.min(now, 9_500) })).toBe('waits')
    expect(play(frozen, { from: 19_040, seconds: 1, shown: () => 9_500 })).toBe('stands')
    const jumping = (now: number) => (now % 4_000 < 1_000 ? Math.floor(now / 4_000) : null)
    expect(play(createPictureWatch(), { seconds: 13, shown: jumping }), 'a jump each 4 s').toBe('goes')
  })

  it('ends the tries with the third player in a row that never played it, whether it broke or stood', () => {
    const watch = createPictureWatch()
    const tryOne = (seconds: number, shown: (now: number) => number | null) => {
      watch.begin()
      play(watch, { seconds, shown })
      return [watch.failed(), watch.failed()]
    }
    const on = (now: number) => now
    expect(tryOne(10.1, () => null)).toEqual([false, false])
    expect(tryOne(0.1, on)).toEqual([false, false])
    expect(tryOne(10.1, on), 'one that played for a while begins the count anew').toEqual([false, false])
    expect(tryOne(10.1, () => 7)).toEqual([false, false])
    expect(tryOne(5, on)).toEqual([false, false])
    expect(tryOne(0.04, () => null)).toEqual([true, true])
  })
})

describe('cameras', () => {
  it('that do not work come first', () => {
    const camera = (id: string, state: 'online' | 'offline' | 'stalled') =>
      ({ id, state }) as Parameters<typeof badFirst>[0][number]
    const listed = [
      camera('a', 'online'),
      camera('b', 'stalled'),
      camera('c', 'offline'),
      camera('d', 'online'),
    ]
    expect(badFirst(listed).map((each) => each.id)).toEqual(['c', 'b', 'a', 'd'])
  })

  it('say which types nobody can find now, each camera counted once', () => {
    const rule = (type: string, unavailable: string | null) => ({
      id: type,
      type,
      zone: null,
      enabled: true,
      unavailable,
    })
    const cameras = [
      { rules: [rule('fire', 'no model'), rule('fire', 'no model'), rule('plume', null)] },
      { rules: [rule('fire', 'no model'), rule('litter', 'not built yet')] },
    ]
    expect(unavailableTypes(cameras)).toEqual([
      { type: 'fire', reason: 'no model', cameras: 2 },
      { type: 'litter', reason: 'not built yet', cameras: 1 },
    ])
  })

  it('say all that the analysis lacks, but not that its model was refused', () => {
    const missing = [{ type: 'litter', reason: 'not built yet', cameras: 1 }]
    expect(saidByTypes({ name: 'analysis', code: 'not_watched' }, missing)).toBe(true)
    expect(saidByTypes({ name: 'analysis', code: 'not_watched' }, [])).toBe(false)
    expect(saidByTypes({ name: 'disk', code: 'full' }, missing)).toBe(false)
    for (const code of ['model_refused', 'model_refused_unasked'])
      expect(saidByTypes({ name: 'analysis', code }, missing)).toBe(false)
  })

  it('give the reason of their attention in words of the dictionary, or none where it is not known', () => {
    const words = {
      exists: (key: string) => key !== 'attention.why.newer',
      t: (key: string, values: Record<string, string>) => `${key} ${Object.values(values).join(' ')}`.trim(),
    }
    const said = (code: string, facts = {}, more = {}) =>
      attentionReason({ code, facts, rule: null, past: false, ...more }, words)
    expect(said('zone_changed', { zone: 'lane' })).toBe('attention.why.zone_changed lane')
    expect(said('picture_changed', {}, { past: true })).toBe('attention.past attention.why.picture_changed')
    expect(said('dark', { darkness: '2.4', share: '1.5' }, { rule: 'chimney' })).toBe(
      'attention.rule chimney attention.why.dark 2.4 1.5',
    )
    expect(said('standing', { label: 'truck', seconds: 31 })).toBe(
      'attention.why.standing attention.label.truck 31',
    )
    expect(said('standing', { label: 'forklift', seconds: 31 })).toBe('attention.why.standing forklift 31')
    expect(said('newer')).toBeNull()
  })
})
