import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Detection, Track } from '../../core/frame.ts'
import type { Box } from '../../core/geometry.ts'
import { associate, dropTwins } from '../../inference/track/associate.ts'
import { createTracker } from '../../inference/track/tracker.ts'
import { createGaussian } from '../footage/random.ts'

const car = (x: number, y = 0.5, score = 0.7, label = 'car'): Detection => ({
  label,
  score,
  box: [x, y, x + 0.2, y + 0.15],
})
const now = (tracks: readonly Track[], ms: number) => tracks.filter((t) => t.lastSeenMs === ms)

describe('tracker', () => {
  test('a car that drives keeps its number and is never still', () => {
    const tracker = createTracker()
    for (let n = 0; n < 20; n++) {
      const tracks = tracker.step([car(n * 0.03)], n * 200)
      expect(tracks.map((t) => t.id)).toEqual([1])
      expect(tracks[0]?.stillSinceMs).toBeNull()
    }
  })

  test.each([40, 200, 2_000])(
    'a car that stops is still since it stopped, a picture each %i ms',
    (stepMs) => {
      const tracker = createTracker()
      const jitter = createGaussian(3)
      let tracks: readonly Track[] = []
      for (let ms = 0; ms <= 40_000; ms += stepMs) {
        const x = ms < 8_000 ? 0.7 - (0.5 * ms) / 8_000 : 0.2
        tracks = tracker.step([car(x + jitter() * 0.004, 0.5 + jitter() * 0.004)], ms)
      }
      const [track] = now(tracks, 40_000)
      // Slowing down overlaps the place where it comes to stand: up to a tenth of its way.
      expect(track?.stillSinceMs).toBeGreaterThanOrEqual(6_500)
      expect(track?.stillSinceMs).toBeLessThanOrEqual(8_000 + 2 * stepMs)
    },
  )

  test('weak detections keep a track and never begin one', () => {
    const tracker = createTracker()
    expect(tracker.step([car(0.3, 0.5, 0.2)], 0)).toEqual([])
    tracker.step([car(0.3)], 200)
    const tracks = tracker.step([car(0.31, 0.5, 0.15)], 400)
    expect(tracks).toHaveLength(1)
    expect(tracks[0]?.lastSeenMs).toBe(400)
    expect(tracks[0]?.hits).toBe(2)
  })

  test('car and truck are one vehicle, a person is none', () => {
    const tracker = createTracker()
    tracker.step([car(0.3), car(0.31, 0.5, 0.6, 'truck')], 0)
    const tracks = tracker.step([car(0.3, 0.5, 0.9, 'truck'), car(0.3, 0.5, 0.8, 'person')], 200)
    expect(tracks.map((t) => [t.id, t.label])).toEqual([
      [1, 'truck'],
      [2, 'person'],
    ])
  })

  test('the median of the last ten scores judges, not one lucky picture', () => {
    const tracker = createTracker()
    let tracks: readonly Track[] = []
    for (let n = 0; n < 12; n++) tracks = tracker.step([car(0.3, 0.5, n === 11 ? 0.95 : 0.42)], n * 200)
    expect(tracks[0]?.score).toBe(0.95)
    expect(tracks[0]?.medianScore).toBe(0.42)
  })

  test('what stands is remembered behind what drives past; what drove away is not', () => {
    const tracker = createTracker()
    for (let ms = 0; ms <= 10_000; ms += 500) tracker.step([car(0.3)], ms)
    for (let ms = 10_500; ms <= 30_000; ms += 500) tracker.step([], ms)
    const back = tracker.step([car(0.3)], 30_500)
    expect(back[0]).toMatchObject({ id: 1, stillSinceMs: 0 })
    tracker.step([], 70_000)
    expect(tracker.step([], 70_500)).toEqual([])
  })

  test('a passer-by who shrinks its box for a moment does not make it move', () => {
    const tracker = createTracker()
    let tracks: readonly Track[] = []
    for (let n = 0; n < 40; n++) {
      const hidden: Detection = { label: 'car', score: 0.5, box: [0.3, 0.5, 0.38, 0.65] }
      tracks = tracker.step([n === 20 || n === 21 ? hidden : car(0.3)], n * 500)
    }
    expect(tracks.find((t) => t.id === 1)?.stillSinceMs).toBe(0)
  })

  test('two cars that pass each other keep their numbers', () => {
    const tracker = createTracker()
    for (let n = 0; n <= 30; n++) {
      const tracks = tracker.step([car(0.02 + n * 0.025, 0.4), car(0.78 - n * 0.025, 0.46)], n * 100)
      const [a, b] = [tracks.find((t) => t.id === 1), tracks.find((t) => t.id === 2)]
      expect(a?.box[1]).toBeCloseTo(0.4, 5)
      expect(b?.box[1]).toBeCloseTo(0.46, 5)
    }
  })

  test('a new connection starts numbers anew', () => {
    const tracker = createTracker()
    tracker.step([car(0.3)], 0)
    tracker.reset()
    expect(tracker.step([car(0.3)], 200).map((t) => [t.id, t.hits])).toEqual([[1, 1]])
  })
})

const boxes: fc.Arbitrary<Box> = fc
  .tuple(
    fc.integer({ min: 0, max: 80 }),
    fc.integer({ min: 0, max: 80 }),
    fc.integer({ min: 2, max: 20 }),
    fc.integer({ min: 2, max: 20 }),
  )
  .map(([l, t, w, h]) => [l / 100, t / 100, (l + w) / 100, (t + h) / 100])
const detections = fc.array(
  fc.record({
    label: fc.constantFrom('car', 'truck', 'person', 'fire'),
    score: fc.integer({ min: 0, max: 100 }).map((n) => n / 100),
    box: boxes,
  }),
  { maxLength: 12 },
)

describe('properties of the tracker', () => {
  test('numbers are unique, only grow, and a track never has less hits or an earlier time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(detections, fc.integer({ min: 20, max: 4_000 })), { maxLength: 25 }),
        (steps) => {
          const tracker = createTracker()
          let ms = 0
          let before = new Map<number, Track>()
          let highest = 0
          for (const [found, dt] of steps) {
            ms += dt
            const tracks = tracker.step(found, ms)
            expect(new Set(tracks.map((t) => t.id)).size).toBe(tracks.length)
            // Nothing that was not found in this picture is said to be in it, and no two tracks share one detection.
            expect(now(tracks, ms).length).toBeLessThanOrEqual(found.length)
            for (const track of tracks) {
              const earlier = before.get(track.id)
              if (!earlier) expect(track.id).toBeGreaterThan(highest)
              else {
                expect(track.hits).toBeGreaterThanOrEqual(earlier.hits)
                expect(track.firstSeenMs).toBe(earlier.firstSeenMs)
              }
              expect(track.lastSeenMs).toBeLessThanOrEqual(ms)
              if (track.stillSinceMs !== null) {
                expect(track.stillSinceMs).toBeGreaterThanOrEqual(track.firstSeenMs)
                expect(track.stillSinceMs).toBeLessThan(ms)
              }
            }
            highest = Math.max(highest, ...tracks.map((t) => t.id))
            before = new Map(tracks.map((t) => [t.id, t]))
          }
        },
      ),
    )
  })

  test('association uses each side once, within the group, above the overlap', () => {
    fc.assert(
      fc.property(detections, detections, (a, b) => {
        const sought = a.map((d) => ({ group: d.label, last: d.box, predicted: d.box }))
        const pairs = associate(sought, b, 0.3)
        expect(new Set(pairs.map((p) => p[0])).size).toBe(pairs.length)
        expect(new Set(pairs.map((p) => p[1])).size).toBe(pairs.length)
        const twins = dropTwins(b)
        expect(twins.length).toBeLessThanOrEqual(b.length)
        expect(dropTwins(twins)).toEqual(twins)
      }),
    )
  })
})
