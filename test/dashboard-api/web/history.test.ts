import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayNamed, dayOf, sameTimeOn } from '../../../dashboard-api/web/src/history/day.ts'
import { createMarks } from '../../../dashboard-api/web/src/history/marks.ts'
import { createPlayhead } from '../../../dashboard-api/web/src/history/playhead.ts'
import {
  eventBeside,
  fitted,
  following,
  LONGEST_MS,
  nearestRecorded,
  nextRecorded,
  SHORTEST_MS,
  ticks,
  timeAt,
  xOf,
  zoomed,
} from '../../../dashboard-api/web/src/history/view.ts'

const HOUR = 3_600_000
const day = { from: 0, to: 24 * HOUR }

describe('the view of the timeline', () => {
  it('stays within the day and between ten seconds and a day, however it is zoomed', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 24 * HOUR, noNaN: true }),
        fc.array(
          fc.tuple(fc.double({ min: 0.1, max: 10, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
          {
            maxLength: 30,
          },
        ),
        (middle, moves) => {
          let view = fitted({ from: middle - HOUR, to: middle + HOUR }, day)
          for (const [factor, share] of moves) {
            view = zoomed(view, factor, view.from + (view.to - view.from) * share, day)
            const length = view.to - view.from
            expect(length).toBeGreaterThanOrEqual(SHORTEST_MS - 1)
            expect(length).toBeLessThanOrEqual(LONGEST_MS + 1)
            expect(view.from).toBeGreaterThanOrEqual(-1)
            expect(view.to).toBeLessThanOrEqual(day.to + 1)
          }
        },
      ),
    )
  })
  it('keeps what is under the pointer there', () => {
    const view = { from: 10 * HOUR, to: 12 * HOUR }
    const anchor = 10.5 * HOUR
    const nearer = zoomed(view, 0.5, anchor, day)
    expect(xOf(anchor, nearer, 1_000)).toBeCloseTo(xOf(anchor, view, 1_000))
    expect(nearer.to - nearer.from).toBeCloseTo(HOUR)
  })
  it('tells times and places apart and back again', () => {
    const view = { from: HOUR, to: 2 * HOUR }
    expect(xOf(1.5 * HOUR, view, 800)).toBe(400)
    expect(timeAt(400, view, 800)).toBe(1.5 * HOUR)
  })
  it('follows the playhead only when it leaves', () => {
    const view = { from: HOUR, to: 2 * HOUR }
    expect(following(view, 1.9 * HOUR, day)).toBe(view)
    expect(following(view, 3 * HOUR, day)).toEqual({ from: 2.5 * HOUR, to: 3.5 * HOUR })
  })
  it('marks round times, not too near each other', () => {
    const near = ticks({ from: 10_400, to: 70_400 }, day, 600, 80)
    expect(near).toEqual({ step: 10_000, at: [20_000, 30_000, 40_000, 50_000, 60_000, 70_000] })
    expect(ticks(day, day, 1_300, 80).step).toBe(2 * HOUR)
  })
})

describe('where to go', () => {
  const recorded = [
    { from: 100, to: 200 },
    { from: 500, to: 600 },
  ]
  it('goes to the nearest edge from a gap, and nowhere without a recording', () => {
    expect(nearestRecorded(recorded, 150)).toBe(150)
    expect(nearestRecorded(recorded, 320)).toBe(200)
    expect(nearestRecorded(recorded, 380)).toBe(500)
    expect(nearestRecorded(recorded, 9_000)).toBe(600)
    expect(nearestRecorded([], 5)).toBeNull()
    expect(nextRecorded(recorded, 200)).toBe(500)
    expect(nextRecorded(recorded, 500)).toBeNull()
  })
  it('finds the event before and after, never the one that is shown', () => {
    const events = [9_000, 1_000, 5_000]
    expect(eventBeside(events, 5_000, 1)).toBe(9_000)
    expect(eventBeside(events, 5_200, -1)).toBe(1_000)
    expect(eventBeside(events, 9_000, 1)).toBeNull()
  })
})

describe('marks of pictures', () => {
  /** 25 pictures a second that come in the order of decoding: 0, 3, 1, 2, 6, 4, 5 … */
  const fragments = [0, 3, 1, 2, 6, 4, 5].map((n) => ({
    mediaMs: 80 + n * 40,
    capturedAt: 1_000_000 + n * 40,
  }))
  it('tells every picture by its media time and back, also with rounded seconds of a player', () => {
    const marks = createMarks()
    marks.add(fragments.slice(0, 4))
    marks.add(fragments.slice(2))
    for (let n = 0; n <= 6; n++) {
      expect(marks.captureAt(80 + n * 40 + 2)).toBe(1_000_000 + n * 40)
      expect(marks.captureAt(80 + n * 40 - 0.4)).toBe(1_000_000 + n * 40)
      expect(marks.mediaAt(1_000_000 + n * 40 + 39 - 1)).toBe(n === 6 ? 320 : 80 + n * 40)
    }
    expect(marks.captureAt(0)).toBeNull()
    expect(marks.mediaAt(999_000)).toBeNull()
    expect(marks.beside(1_000_080, 1)).toBe(1_000_120)
    expect(marks.beside(1_000_080, -1)).toBe(1_000_040)
    expect(marks.beside(1_000_000, -1)).toBeNull()
  })
})

describe('the playhead', () => {
  it('moves with the speed while it plays, stands while a picture is waited for, and does not jump after a pause', () => {
    let now = 0
    const head = createPlayhead(1_000, () => now)
    const step = (ms: number, waiting = false) => {
      now += ms
      head.advance(waiting)
      return head.at()
    }
    expect(step(100)).toBe(1_000)
    head.play()
    expect(step(100)).toBe(1_100)
    head.setSpeed(8)
    expect(step(100)).toBe(1_900)
    expect(step(100, true)).toBe(1_900)
    expect(step(100)).toBe(2_700)
    // A tab that was hidden for a minute has not played it.
    expect(step(60_000)).toBe(2_700 + 500 * 8)
    head.pause()
    expect(step(100)).toBe(6_700)
    head.seek(50)
    expect([head.at(), head.turn]).toEqual([50, 1])
  })
})

describe('days of the city', () => {
  it('have 24 hours, or 23 and 25 when the clocks change', () => {
    const at = Date.parse('2026-05-03T02:00:00Z')
    expect(dayOf(at, 'Asia/Shanghai')).toEqual({
      from: Date.parse('2026-05-02T16:00:00Z'),
      to: Date.parse('2026-05-03T16:00:00Z'),
    })
    const hours = (text: string) => {
      const found = dayNamed(text, 'Europe/Berlin')
      return found && (found.to - found.from) / HOUR
    }
    expect([hours('2026-03-29'), hours('2026-10-25'), hours('2026-06-01')]).toEqual([23, 25, 24])
    expect(dayNamed('2026-13-01', 'Europe/Berlin')).toBeNull()
  })
  it('opens the same time of another day, never the future', () => {
    const now = Date.parse('2026-05-03T02:00:00Z')
    const at = Date.parse('2026-05-02T09:30:00Z')
    expect(sameTimeOn('2026-05-01', at, 'Asia/Shanghai', now)).toBe(at - 24 * HOUR)
    expect(sameTimeOn('2026-05-03', at, 'Asia/Shanghai', now)).toBe(now)
  })
})
