import { describe, expect, test } from 'vitest'
import type { RuleConfig } from '../../core/config/rule.ts'
import type { Detection, Frame } from '../../core/frame.ts'
import { WHOLE_PICTURE } from '../../core/geometry.ts'
import type { Detector } from '../../core/ports/detector.ts'
import { polygonMask } from '../../inference/pixels/mask.ts'
import type { Picture } from '../../inference/pixels/scene.ts'
import { createCloserLook } from '../../inference/watch/closer-look.ts'
import { createOwnMotion } from '../../inference/watch/own-motion.ts'
import { cutFrame, mergeLooks, regionOfInterest } from '../../inference/watch/second-look.ts'
import { frameOf } from '../footage/drawn.ts'
import { recordingMetrics } from '../support/log.ts'
import { scriptedDetector, watcherOf } from './drive.ts'

const SIZE = { width: 640, height: 360 }
const find = (label: string, score: number, box: Detection['box']): Detection => ({ label, score, box })

/** A picture of which the box changed. */
function pictureOf(...boxes: readonly Detection['box'][]): Picture {
  const [width, height] = [64, 36]
  const plane = { width, height, data: new Uint8Array(0), cb: new Uint8Array(0), cr: new Uint8Array(0) }
  const changed = new Uint8Array(width * height)
  for (const [l, t, r, b] of boxes)
    for (let y = Math.round(t * height); y < Math.round(b * height); y++)
      changed.fill(1, y * width + Math.round(l * width), y * width + Math.round(r * width))
  const facts = { noise: 1, elapsedMs: 200, restart: null, first: false, lightStep: false }
  return { plane, changed, usable: polygonMask(WHOLE_PICTURE, plane, []), ...facts }
}

describe('where it looks again', () => {
  test('a square round the surest find of fire or smoke, inside the picture', () => {
    const found = [
      find('person', 0.9, [0.1, 0.1, 0.2, 0.5]),
      find('smoke', 0.2, [0.9, 0, 1, 0.1]),
      find('fire', 0.4, [0.5, 0.5, 0.6, 0.6]),
    ]
    const [l, t, r, b] = regionOfInterest(SIZE, found, null) ?? [0, 0, 0, 0]
    expect((r - l) * SIZE.width).toBeCloseTo((b - t) * SIZE.height)
    expect([(l + r) / 2, (t + b) / 2]).toEqual([expect.closeTo(0.55), expect.closeTo(0.55)])
    const [, top, right] = regionOfInterest(SIZE, found.slice(0, 2), null) ?? []
    expect([top, right]).toEqual([0, 1])
  })
  test('what moves where nothing was found; nowhere when it is large or nothing moves', () => {
    expect(regionOfInterest(SIZE, [], [0.4, 0.4, 0.45, 0.5])).not.toBeNull()
    expect(regionOfInterest(SIZE, [find('smoke', 0.9, [0, 0, 1, 0.9])], null)).toBeNull()
    expect(regionOfInterest(SIZE, [], [0, 0.2, 0.9, 0.8])).toBeNull()
    expect(regionOfInterest(SIZE, [find('person', 0.9, [0.1, 0.1, 0.2, 0.5])], null)).toBeNull()
  })
  test('the cut holds the very pixels of its place', () => {
    const rgb = Uint8Array.from({ length: 8 * 6 * 3 }, (_, i) => i)
    const frame = frameOf(rgb, { width: 8, height: 6, mediaMs: 0 })
    const { cut, place } = cutFrame(frame, [0.25, 0.5, 0.75, 1])
    expect([cut.width, cut.height, place]).toEqual([4, 3, [0.25, 0.5, 0.75, 1]])
    expect([...cut.rgb.subarray(0, 12)]).toEqual([...rgb.subarray((3 * 8 + 2) * 3, (3 * 8 + 6) * 3)])
    expect(cut.cameraId).not.toBe(frame.cameraId)
  })
})

describe('both looks together', () => {
  const place = [0.4, 0.4, 0.8, 0.8] as const
  const flame = find('fire', 0.6, [0.5, 0.5, 0.6, 0.6])
  const borneOut = find('fire', 0.8, [0.25, 0.25, 0.5, 0.5]) // the same place, seen from the region

  test('a find that is not borne out loses half; one that is, is the mean', () => {
    expect(mergeLooks([flame], [], place)).toEqual([{ ...flame, score: 0.3 }])
    expect(mergeLooks([flame], [borneOut], place)).toEqual([{ ...flame, score: 0.7 }])
  })
  test('what was too small for the first look counts as the second says', () => {
    const spark = find('fire', 0.9, [0.25, 0.25, 0.3, 0.3])
    const [found] = mergeLooks([], [spark], place)
    expect(found?.score).toBe(0.9)
    expect(found?.box.map((v) => Number(v.toFixed(3)))).toEqual([0.5, 0.5, 0.52, 0.52])
    expect(mergeLooks([], [borneOut], place)[0]?.score).toBe(0.4)
  })
  test('other classes, other places and what fills the picture stay as they were', () => {
    const others = [
      find('smoke', 0.9, [0, 0, 1, 1]),
      find('person', 0.8, [0.5, 0.5, 0.6, 0.6]),
      find('fire', 0.7, [0, 0, 0.1, 0.1]),
    ]
    expect(mergeLooks(others, [find('person', 0.9, [0, 0, 0.5, 0.5])], place)).toEqual(others)
  })
})

describe('what it costs', () => {
  const frame = frameOf(new Uint8Array(64 * 36 * 3), { width: 64, height: 36, mediaMs: 0 })
  const flame = find('fire', 0.6, [0.5, 0.5, 0.6, 0.6])
  const moving = pictureOf([0.3, 0.3, 0.5, 0.5])
  const still = pictureOf()
  const lookWith = (detector: Detector, picture = moving) => {
    const metrics = recordingMetrics()
    const closer = createCloserLook({ camera: 'c', detector, metrics })
    return {
      metrics,
      look: (at: number, found: readonly Detection[]) => closer.look(frame, found, picture, at),
    }
  }

  test('one run more a picture; where nothing was found, one in two seconds', async () => {
    const runs: Frame[] = []
    const { look } = lookWith(scriptedDetector(['fire'], (f) => [...(runs.push(f) ? [] : [])]))
    for (let at = 0; at < 4_000; at += 200) await look(at, [])
    expect(runs).toHaveLength(2)
    await look(4_100, [flame])
    expect(runs).toHaveLength(3)
  })
  test('none while frames wait', async () => {
    let runs = 0
    const detector = scriptedDetector(['fire'], () => {
      runs += 1
      return []
    })
    expect(await lookWith({ ...detector, busy: () => true }).look(0, [flame])).toEqual([flame])
    expect(runs).toBe(0)
    expect(await lookWith(detector).look(0, [flame])).toEqual([{ ...flame, score: 0.3 }])
  })
  test('where a look at what moves found something, each picture is looked at again for five seconds', async () => {
    const runs: number[] = []
    let at = 0
    const spark = find('fire', 0.9, [0.5, 0.5, 0.53, 0.53])
    const { look } = lookWith(
      scriptedDetector(['fire'], () => {
        runs.push(at)
        return at < 1_000 ? [spark] : []
      }),
    )
    const found: number[] = []
    for (; at <= 6_000; at += 200) if ((await look(at, [])).length > 0) found.push(at)
    expect(found).toEqual([0, 200, 400, 600, 800])
    // Until 5 s after the last find in every picture, then one in two seconds again.
    expect(runs.filter((ms) => ms < 5_800)).toEqual(Array.from({ length: 29 }, (_, n) => n * 200))
    expect(runs.filter((ms) => ms >= 5_800)).toHaveLength(1)
  })
  test('finds far below what counts are no reason to look again', async () => {
    const detector = scriptedDetector(['fire'], () => {
      throw new Error('looked')
    })
    const { look, metrics } = lookWith({ ...detector, operatingPoints: { fire: 0.5 } }, still)
    expect(await look(0, [{ ...flame, score: 0.2 }])).toEqual([{ ...flame, score: 0.2 }])
    expect(metrics.counts.size).toBe(0)
  })
  test('one that fails leaves the first look as it was, and is counted', async () => {
    const { look, metrics } = lookWith(
      scriptedDetector(['fire'], () => {
        throw new Error('no such shape')
      }),
    )
    expect(await look(0, [flame])).toEqual([flame])
    expect(metrics.counts.get('second_looks_total{camera=c,result=failed}')).toBe(1)
  })
  test('a dropped one leaves the first look as it was', async () => {
    const { look } = lookWith(scriptedDetector(['fire'], () => null))
    expect(await look(0, [flame])).toEqual([flame])
  })
})

test('only a camera that is watched for fire or smoke is looked at twice', async () => {
  const runsOf = async (rule: RuleConfig) => {
    let runs = 0
    const detector = scriptedDetector(['fire', 'person'], () => {
      runs += 1
      return [find('fire', 0.8, [0.4, 0.4, 0.5, 0.6])]
    })
    const watcher = watcherOf([rule], { detector })
    await watcher.step(frameOf(new Uint8Array(64 * 36 * 3), { width: 64, height: 36, mediaMs: 0 }))
    return runs
  }
  expect(await runsOf({ id: 'fire', type: 'fire' })).toBe(2)
  expect(await runsOf({ id: 'crowd', type: 'crowding', limit: 3 })).toBe(1)
})

describe('a machine under load', () => {
  const [width, height] = [64, 36]
  const flame = find('fire', 0.6, [0.4, 0.4, 0.6, 0.6])
  /** Events of a film in which the place flickers; `seen`: in which pictures the first look finds fire there. */
  const startsOf = async (seen: (n: number) => boolean, busy: boolean) => {
    let at = 0
    let n = 0
    const detector = scriptedDetector(['fire'], (frame) =>
      frame.cameraId.includes('second') || !seen(n) ? [] : [flame],
    )
    const watcher = watcherOf([{ id: 'fire', type: 'fire', score: 0.5 }] as RuleConfig[], {
      detector: { ...detector, busy: () => busy },
    })
    const starts: string[] = []
    for (; n < 30; n++, at += 400) {
      const rgb = new Uint8Array(width * height * 3).fill(90)
      for (let y = 15; y < 21; y++)
        rgb.fill(n % 2 === 0 ? 220 : 60, (y * width + 27) * 3, (y * width + 37) * 3)
      const { changes } = await watcher.step(frameOf(rgb, { width, height, mediaMs: at }))
      starts.push(...changes.filter(({ kind }) => kind === 'start').map(({ event }) => event.type))
    }
    return starts
  }
  test('does not lose a fire with the second look, and tells of it once', async () => {
    expect(await startsOf(() => true, true)).toEqual(['fire'])
    // With the second look, which does not bear it out, it is none.
    expect(await startsOf(() => true, false)).toEqual([])
  })
  test('does not take a wrong picture now and then for one', async () => {
    expect(await startsOf((n) => n % 4 === 0, true)).toEqual([])
  })
})

describe('what stirs by itself', () => {
  const wall = find('smoke', 0.8, [0, 0, 1, 1])
  const walker = find('person', 0.7, [0.4, 0.3, 0.5, 0.9])
  const walks = pictureOf(walker.box)

  test('a walker before what looks like smoke, and what a walker uncovers, is no smoke that drifts', () => {
    const motion = createOwnMotion()
    expect(motion.changed(wall, walks)).toBeGreaterThan(0.05)
    motion.see([wall, walker], 0)
    expect(motion.changed(wall, walks)).toBe(0)
    motion.see([wall], 5_000)
    expect(motion.changed(wall, walks)).toBe(0)
    expect(motion.changed({ ...wall, label: 'fire' }, walks)).toBeGreaterThan(0.05)
    motion.see([wall], 10_001)
    expect(motion.changed(wall, walks)).toBeGreaterThan(0.05)
  })
  test('smoke from a lorry that stands stirs; what a moving one covers and uncovers does not', () => {
    const motion = createOwnMotion()
    const lorryAt = (x: number) => find('truck', 0.8, [x, 0.4, x + 0.3, 0.8])
    const smoke = find('smoke', 0.7, [0.35, 0.2, 0.75, 0.7])
    const drifts = pictureOf([0.45, 0.45, 0.65, 0.65])
    // It drives into the picture and stops; its box shakes a little.
    for (let at = 0; at <= 2_000; at += 500) motion.see([lorryAt(at / 5_000)], at)
    expect(motion.changed(smoke, drifts)).toBe(0)
    for (let at = 2_500; at <= 12_500; at += 500) motion.see([lorryAt(at % 1_000 === 0 ? 0.4 : 0.41)], at)
    expect(motion.changed(smoke, drifts)).toBeGreaterThan(0.1)
    // Its own smoke hides it for a picture.
    motion.see([], 13_000)
    expect(motion.changed(smoke, drifts)).toBeGreaterThan(0.1)
    // Others that pass the same place stand nowhere.
    const road = createOwnMotion()
    for (let at = 0; at <= 9_000; at += 500) road.see(at % 1_500 === 0 ? [lorryAt(0.4)] : [], at)
    expect(road.changed(smoke, drifts)).toBe(0)
    // Dense traffic beside it makes it no less standing.
    const jam = createOwnMotion()
    const cars = Array.from({ length: 18 }, (_, n) => find('car', 0.8, [n / 20, 0.9, n / 20 + 0.04, 0.95]))
    for (let at = 0; at <= 9_900; at += 333) jam.see([lorryAt(0.4), ...cars], at)
    expect(jam.changed(smoke, drifts)).toBeGreaterThan(0.1)
    // It drives on.
    for (let at = 13_500; at <= 15_000; at += 500) motion.see([lorryAt(0.4 + (at - 13_000) / 5_000)], at)
    expect(motion.changed(smoke, drifts)).toBe(0)
  })
  test('smoke round a person still stirs; a doubtful person explains nothing', () => {
    const motion = createOwnMotion()
    motion.see([{ ...walker, score: 0.2 }], 0)
    expect(motion.changed(wall, walks)).toBeGreaterThan(0.05)
    motion.see([walker], 0)
    expect(motion.changed(wall, pictureOf([0, 0, 1, 0.5]))).toBeGreaterThan(0.4)
    motion.reset()
    expect(motion.changed(wall, walks)).toBeGreaterThan(0.05)
  })
})
