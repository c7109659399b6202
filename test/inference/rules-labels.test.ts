import { describe, expect, test } from 'vitest'
import type { RuleConfig } from '../../core/config/rule.ts'
import type { Detection } from '../../core/frame.ts'
import type { Polygon } from '../../core/geometry.ts'
import { createRule } from '../../inference/rules/table.ts'
import { shareInside } from '../../inference/rules/within.ts'
import type { DrawnFilm } from '../footage/drawn.ts'
import { createGaussian, createRandom } from '../footage/random.ts'
import { kinds, play, scriptedDetector, watcherOf } from './drive.ts'

/** Something moves all the time, so that the change gate lets the model look at every picture. */
let pictures = 0
const flicker = createRandom(3)
const BUSY: DrawnFilm = {
  width: 64,
  height: 36,
  noise: 2,
  draw: (canvas) => {
    canvas.fill([0.1 * (pictures++ % 8), 0.2, 0.1 * (pictures % 8) + 0.2, 0.8], [200, 200, 200])
    // What flickers where the flame will be: tongues that are elsewhere in every picture.
    canvas.fill([0.4, 0.4, 0.5, 0.6], [90, 90, 90])
    for (const tongue of [1, 2, 3]) {
      const top = 0.4 + 0.16 * flicker()
      canvas.fill([0.4, top, 0.5, top + 0.03], [90 + 50 * tongue, 90, 90])
    }
  },
}
const LANE: Polygon = [
  [0.2, 0.6],
  [0.8, 0.6],
  [0.8, 0.9],
  [0.2, 0.9],
]

/** Plays detections that a script gives by the second. */
async function detected(
  rule: RuleConfig,
  script: (s: number) => readonly Detection[] | null,
  options: { seconds: number; fps: number },
) {
  const detector = scriptedDetector(
    ['fire', 'smoke', 'person', 'car', 'truck', 'trash_bag', 'face_bare', 'face_masked'],
    (frame) => script(frame.mediaMs / 1000),
  )
  return play(watcherOf([rule], { detector, zones: { lane: LANE } }), BUSY, options)
}

describe('fire and smoke', () => {
  const flame = (score: number): Detection => ({ label: 'fire', score, box: [0.4, 0.4, 0.5, 0.6] })
  const rule: RuleConfig = { id: 'fire', type: 'fire' }

  test.each([0.5, 3, 10])('fire from 10 s to 30 s at %f pictures a second: 2 to 5 s later', async (fps) => {
    const seen = await detected(rule, (s) => (s >= 10 && s < 30 ? [flame(0.8)] : []), { seconds: 60, fps })
    expect(kinds(seen)).toEqual(['start', 'end'])
    expect(seen[0]?.at).toBeGreaterThanOrEqual(12)
    expect(seen[0]?.at).toBeLessThanOrEqual(15)
    expect(seen[0]?.change.event).toMatchObject({ severity: 1, score: 0.8, model: { id: 'scripted' } })
    expect(seen.at(-1)?.at).toBeGreaterThanOrEqual(38)
    expect(seen.at(-1)?.at).toBeLessThanOrEqual(44)
  })

  test('flames that a third of the pictures miss are one event; lucky pictures are none', async () => {
    const random = createRandom(5)
    const flicker = await detected(rule, () => (random() < 0.7 ? [flame(0.7)] : []), { seconds: 60, fps: 3 })
    expect(kinds(flicker)).toEqual(['start'])
    const lucky = await detected(rule, (s) => (s % 5 < 0.3 ? [flame(0.9)] : []), { seconds: 120, fps: 3 })
    expect(lucky).toEqual([])
    const weak = await detected(rule, () => [flame(0.4)], { seconds: 60, fps: 3 })
    expect(weak).toEqual([])
  })

  test('outside the zone it is not this rule', async () => {
    const seen = await detected({ ...rule, zone: 'lane' }, () => [flame(0.9)], { seconds: 20, fps: 2 })
    expect(seen).toEqual([])
  })

  test.each(['fire', 'smoke'] as const)(
    'what stands still is no %s, however sure the model is',
    async (type) => {
      const sign: Detection = { label: type, score: 0.95, box: [0.4, 0.02, 0.6, 0.15] } // beside all that moves
      const seen = await detected({ id: type, type }, () => [sign], { seconds: 30, fps: 3 })
      expect(seen).toEqual([])
    },
  )

  test('the score is the rule’s, else the operating point of the model, else 0.5', () => {
    const scoreOf = (config: RuleConfig, points?: Record<string, number>) =>
      createRule(config, { zones: {}, privacy: [] }, points)?.thresholds.score
    expect(scoreOf(rule)).toBe(0.5)
    expect(scoreOf(rule, { fire: 0.31, smoke: 0.2 })).toBe(0.31)
    expect(scoreOf({ ...rule, score: 0.7 }, { fire: 0.31 })).toBe(0.7)
  })
})

describe('no_mask', () => {
  const face = (label: string, score: number, x = 0.4): Detection => ({
    label,
    score,
    box: [x, 0.3, x + 0.06, 0.4],
  })
  const rule: RuleConfig = { id: 'mask', type: 'no_mask' }

  test('a bare face in half of the looks of 10 s is one event, and over 30 s after the last', async () => {
    const seen = await detected(rule, (s) => (s < 40 && s % 2 < 1.2 ? [face('face_bare', 0.8)] : []), {
      seconds: 90,
      fps: 2,
    })
    expect(kinds(seen)).toEqual(['start', 'end'])
    expect(seen[0]?.at).toBeGreaterThanOrEqual(10)
    expect(seen[0]?.at).toBeLessThanOrEqual(14)
    expect(seen[0]?.change.event).toMatchObject({ type: 'no_mask', severity: 4, measured: { count: 1 } })
  })

  test('masked faces, a short look, and a face that is rather masked raise nothing', async () => {
    const masked = await detected(rule, () => [face('face_masked', 0.9)], { seconds: 60, fps: 2 })
    expect(masked).toEqual([])
    const short = await detected(rule, (s) => (s < 6 ? [face('face_bare', 0.9)] : []), {
      seconds: 60,
      fps: 2,
    })
    expect(kinds(short)).toEqual([])
    const both = [face('face_bare', 0.6), face('face_masked', 0.7, 0.405)]
    expect(await detected(rule, () => both, { seconds: 60, fps: 2 })).toEqual([])
  })
})

describe('litter_pile', () => {
  const bag = (x: number): Detection => ({ label: 'trash_bag', score: 0.7, box: [x, 0.6, x + 0.1, 0.75] })
  const rule: RuleConfig = { id: 'litter', type: 'litter_pile', zone: 'lane', for: 60_000 }

  test('bags that lie for their time are one event; what is carried past is none', async () => {
    const lies = await detected(rule, () => [bag(0.4), bag(0.55)], { seconds: 80, fps: 1 })
    expect(kinds(lies)).toEqual(['start'])
    expect(lies[0]?.at).toBeGreaterThanOrEqual(60)
    expect(lies[0]?.change.event).toMatchObject({ type: 'litter_pile', severity: 3, measured: { count: 2 } })
    const carried = await detected(rule, (s) => [bag((s * 0.05) % 0.9)], { seconds: 120, fps: 1 })
    expect(carried).toEqual([])
  })
})

describe('lane_blocked', () => {
  const jitter = createGaussian(9)
  const at = (x: number, y = 0.55, score = 0.7): Detection => ({
    label: 'car',
    score,
    box: [x + jitter() * 0.003, y + jitter() * 0.003, x + 0.2, y + 0.2],
  })
  const rule: RuleConfig = { id: 'lane', type: 'lane_blocked', zone: 'lane', for: 15_000 }
  const arrives = (s: number) => (s < 6 ? at(0.9 - s * 0.085) : at(0.39))

  test.each([0.5, 2, 5])('a car that comes to stand at 6 s, at %f pictures a second', async (fps) => {
    const seen = await detected(rule, (s) => (s < 46 ? [arrives(s)] : []), { seconds: 70, fps })
    expect(kinds(seen)).toEqual(['start', 'end'])
    expect(seen[0]?.at).toBeGreaterThanOrEqual(19.5)
    expect(seen[0]?.at).toBeLessThanOrEqual(25)
    expect(Math.abs((seen[0]?.change.event.since ?? 0) - 1_700_000_006_000)).toBeLessThanOrEqual(2_500)
    expect(seen[0]?.change.event).toMatchObject({ zone: 'lane', thresholds: { forMs: 15_000 } })
    expect(seen.at(-1)?.at).toBeGreaterThanOrEqual(54)
    expect(seen.at(-1)?.at).toBeLessThanOrEqual(60)
  })

  test('one that stood there before the first picture', async () => {
    const seen = await detected(rule, () => [at(0.39)], { seconds: 30, fps: 2 })
    expect(kinds(seen)).toEqual(['start'])
    expect(seen[0]?.at).toBeLessThanOrEqual(16)
  })

  test('hidden for 8 s, missed in a third of the pictures: still the same standing', async () => {
    const random = createRandom(4)
    const seen = await detected(rule, (s) => ((s >= 12 && s < 20) || random() < 0.3 ? [] : [at(0.39)]), {
      seconds: 60,
      fps: 2,
    })
    expect(kinds(seen)).toEqual(['start'])
    expect(seen[0]?.at).toBeLessThanOrEqual(22)
  })

  test('traffic that flows or creeps, and cars beside the lane, raise nothing', async () => {
    const seen = await detected(
      rule,
      (s) => [at(((s % 4) / 4) * 0.8), at(0.05 + ((s * 0.01) % 0.7), 0.6), at(0.39, 0.1)],
      { seconds: 90, fps: 3 },
    )
    expect(seen).toEqual([])
  })

  test('two cars in one zone are one event', async () => {
    const seen = await detected(rule, (s) => (s < 30 ? [at(0.25), at(0.55)] : [at(0.55)]), {
      seconds: 60,
      fps: 2,
    })
    expect(kinds(seen)).toEqual(['start'])
    expect(seen[0]?.change.event.measured.count).toBe(2)
    expect(seen.at(-1)?.change.event.measured.count).toBe(1)
  })
})

describe('crowding', () => {
  const persons = (n: number): Detection[] =>
    Array.from({ length: n }, (_, i) => ({
      label: 'person',
      score: 0.6,
      box: [0.22 + i * 0.05, 0.5, 0.25 + i * 0.05, 0.8],
    }))
  const rule: RuleConfig = { id: 'crowd', type: 'crowding', zone: 'lane', limit: 5, for: 10_000 }

  test('more than the limit for its time; an event ends below the limit', async () => {
    const seen = await detected(rule, (s) => persons(s < 10 ? 5 : s < 40 ? 7 : 3), { seconds: 70, fps: 2 })
    expect(kinds(seen)).toEqual(['start', 'end'])
    expect(seen[0]?.at).toBeGreaterThanOrEqual(20)
    expect(seen[0]?.at).toBeLessThanOrEqual(24)
    expect(seen[0]?.change.event.measured.count).toBe(7)
    expect(seen.at(-1)?.at).toBeGreaterThanOrEqual(49)
  })

  test('the limit itself, and a group that walks through, raise nothing', async () => {
    const seen = await detected(rule, (s) => persons(s % 20 < 6 ? 8 : 5), { seconds: 80, fps: 2 })
    expect(seen).toEqual([])
  })
})

test('the share of a box in a polygon', () => {
  expect(shareInside([0.2, 0.6, 0.8, 0.9], LANE)).toBeCloseTo(1)
  expect(shareInside([0.2, 0.3, 0.8, 0.9], LANE)).toBeCloseTo(0.5)
  expect(shareInside([0, 0, 0.1, 0.1], LANE)).toBe(0)
  const triangle: Polygon = [
    [0, 0],
    [1, 0],
    [0, 1],
  ]
  expect(shareInside([0, 0, 1, 1], triangle)).toBeCloseTo(0.5)
})
