import { describe, expect, test } from 'vitest'
import type { Detection, Frame } from '../../core/frame.ts'
import { type Box, type Polygon, WHOLE_PICTURE } from '../../core/geometry.ts'
import type { Detector } from '../../core/ports/detector.ts'
import type { FullResolution } from '../../core/ports/full-resolution.ts'
import { polygonMask } from '../../inference/pixels/mask.ts'
import type { Picture } from '../../inference/pixels/scene.ts'
import { createCloserLook } from '../../inference/watch/closer-look.ts'
import { frameOf } from '../footage/drawn.ts'
import { recordingMetrics } from '../support/log.ts'
import { scriptedDetector } from './drive.ts'

const [WIDTH, HEIGHT] = [64, 36]
/** Sides of the cuts that the port of these tests gives: no cut of the analysis picture has them. */
const FULL = { width: 100, height: 80 }
const isFull = (frame: Frame) => frame.width === FULL.width
const flame: Detection = { label: 'fire', score: 0.6, box: [0.48, 0.48, 0.5, 0.5] }
/** Small, in the middle of any cut. */
const spark: Detection = { label: 'fire', score: 0.9, box: [0.45, 0.45, 0.5, 0.5] }

function still(moves = false): Picture {
  const plane = {
    ...{ width: WIDTH, height: HEIGHT, data: new Uint8Array(0) },
    ...{ cb: new Uint8Array(0), cr: new Uint8Array(0) },
  }
  const changed = new Uint8Array(WIDTH * HEIGHT)
  if (moves) for (let y = 12; y < 24; y++) changed.fill(1, y * WIDTH + 20, y * WIDTH + 32)
  const facts = { noise: 1, elapsedMs: 200, restart: null, first: false, lightStep: false }
  return { plane, changed, usable: polygonMask(WHOLE_PICTURE, plane, []), ...facts }
}

/** Key frames come at these times, and each is cut once, as the real one does it. */
function keyFramesAt(...times: readonly number[]) {
  const asked: { readonly at: number; readonly notBefore: number }[] = []
  let now = 0
  let cutAt = -1
  const full: FullResolution = {
    async cut([l, t, r, b], notBefore) {
      asked.push({ at: now, notBefore })
      const key = times.findLast((time) => time <= now)
      if (key === undefined || key < notBefore || key === cutAt) return null
      cutAt = key
      const rgb = new Uint8Array(FULL.width * FULL.height * 3).fill(200)
      return { ...FULL, rgb, place: [l, t, r, b], capturedAt: key }
    },
  }
  const at = (ms: number) => {
    now = ms
  }
  return { full, asked, at }
}

function rig(detector: Detector, keys: ReturnType<typeof keyFramesAt>, privacy: readonly Polygon[] = []) {
  const metrics = recordingMetrics()
  const closer = createCloserLook({ camera: 'c', detector, metrics, full: keys.full, privacy })
  const rgb = new Uint8Array(WIDTH * HEIGHT * 3)
  return {
    look(ms: number, found: readonly Detection[], picture = still()) {
      keys.at(ms)
      const frame = { ...frameOf(rgb, { width: WIDTH, height: HEIGHT, mediaMs: ms }), capturedAt: ms }
      return closer.look(frame, found, picture, ms)
    },
    count: (result: string) => metrics.counts.get(`second_looks_total{camera=c,result=${result}}`) ?? 0,
  }
}

const leftOf = (x: number): Polygon => [
  [0, 0],
  [x, 0],
  [x, 1],
  [0, 1],
]

describe('second looks in full resolution', () => {
  test('a find is looked at in full resolution; where there is none to be had, in the analysis picture', async () => {
    const seen: boolean[] = []
    const detector = scriptedDetector(['fire'], (frame) => {
      seen.push(isFull(frame))
      return isFull(frame) ? [spark] : []
    })
    const { look, count } = rig(detector, keyFramesAt(0))
    expect((await look(0, [flame]))[0]?.score).toBe(0.9)
    expect([seen, count('done_full')]).toEqual([[true], 1])
    // 2 s later the same key frame is the newest one.
    expect((await look(2_000, [flame]))[0]?.score).toBe(0.3)
    expect([seen, count('done')]).toEqual([[true, false], 1])
  })
  test('one look at a key frame stands for less than the two seconds that fire must last', async () => {
    const detector = scriptedDetector(['fire'], (frame) => (isFull(frame) ? [spark] : []))
    const { look, count } = rig(detector, keyFramesAt(0))
    const sure: number[] = []
    for (let ms = 0; ms <= 4_000; ms += 250) if ((await look(ms, [flame]))[0]?.score === 0.9) sure.push(ms)
    expect(sure).toEqual([0, 250, 500, 750, 1_000, 1_250])
    expect([count('done_full'), count('kept_full')]).toEqual([1, 5])
  })
  test('what a key frame does not bear out is doubted until the next one', async () => {
    const detector = scriptedDetector(['fire'], (frame) => (isFull(frame) ? [] : [spark]))
    const { look } = rig(detector, keyFramesAt(0, 1_000, 2_000))
    for (let ms = 0; ms <= 3_000; ms += 250) expect((await look(ms, [flame]))[0]?.score).toBe(0.3)
  })
  test('a find elsewhere is not judged by what was cut before', async () => {
    const detector = scriptedDetector(['fire'], (frame) => (isFull(frame) ? [] : [spark]))
    const { look, count } = rig(detector, keyFramesAt(0))
    await look(0, [flame])
    await look(250, [{ ...flame, box: [0.05, 0.05, 0.07, 0.07] }])
    expect([count('done_full'), count('kept_full'), count('done')]).toEqual([1, 0, 1])
  })
  test('no key frame older than three seconds is asked for, and none twice in a second', async () => {
    const keys = keyFramesAt(...Array.from({ length: 50 }, (_, n) => n * 200))
    const { look } = rig(
      scriptedDetector(['fire'], () => [spark]),
      keys,
    )
    for (let ms = 5_000; ms < 8_000; ms += 200) await look(ms, [flame])
    expect(keys.asked).toEqual([5_000, 6_000, 7_000].map((at) => ({ at, notBefore: at - 3_000 })))
  })
  test('what merely moves is looked at in the analysis picture, and in full resolution once that found something', async () => {
    const seen: boolean[] = []
    const detector = scriptedDetector(['fire'], (frame) => {
      seen.push(isFull(frame))
      return [spark]
    })
    const keys = keyFramesAt(0)
    const { look } = rig(detector, keys)
    await look(0, [], still(true))
    expect([seen, keys.asked]).toEqual([[false], []])
    await look(200, [], still(true))
    expect(seen).toEqual([false, true])
  })
  test('round what was found, not over all that moves: there full resolution shows it larger', async () => {
    const regions: Box[] = []
    const keys = keyFramesAt(0, 1_000)
    const full: FullResolution = {
      cut(region, notBefore) {
        regions.push(region)
        return keys.full.cut(region, notBefore)
      },
    }
    const { look } = rig(
      scriptedDetector(['fire'], () => [spark]),
      { ...keys, full },
    )
    await look(0, [], still(true))
    await look(200, [], still(true))
    const [[l, t, r, b] = [0, 0, 0, 0]] = regions
    // What moves is 12 x 12 pixels; a square of twice that side is looked at first.
    expect((r - l) * WIDTH).toBeCloseTo(0.4 * HEIGHT)
    expect((b - t) * HEIGHT).toBeCloseTo(0.4 * HEIGHT)
    // The spark lies left of and above the middle of the 24 x 24 pixels round (26, 18).
    expect([((l + r) / 2) * WIDTH, ((t + b) / 2) * HEIGHT]).toEqual([
      expect.closeTo(26 - 0.025 * 24, 0),
      expect.closeTo(18 - 0.025 * 24, 0),
    ])
  })
  test('a look that the detector dropped leaves the first one as it was, and stands for nothing', async () => {
    const { look, count } = rig(
      scriptedDetector(['fire'], (frame) => (isFull(frame) ? null : [])),
      keyFramesAt(0),
    )
    expect(await look(0, [flame])).toEqual([flame])
    expect((await look(250, [flame]))[0]?.score).toBe(0.3)
    expect([count('dropped'), count('kept_full'), count('done')]).toEqual([1, 0, 1])
  })
  test('what a privacy polygon covers is grey before the model sees it, and nothing else is', async () => {
    let given: Frame | null = null
    const detector = scriptedDetector(['fire'], (frame) => {
      given = frame
      return []
    })
    // The cut reaches from 0.378 to 0.603, so 41 of its 100 columns are left of 0.47.
    await rig(detector, keyFramesAt(0), [leftOf(0.47)]).look(0, [flame])
    const { rgb, width } = given as unknown as Frame
    const at = (x: number, y: number) => rgb[(y * width + x) * 3]
    expect([at(2, 40), at(38, 40), at(44, 40), at(98, 40)]).toEqual([128, 128, 200, 200])
  })
  test('a find that reaches into a privacy polygon is not held against a picture that is blank there', async () => {
    const detector = scriptedDetector(['fire'], (frame) => (isFull(frame) ? [] : [spark]))
    const keys = keyFramesAt(0)
    const { look } = rig(detector, keys, [leftOf(0.49)])
    expect((await look(0, [flame]))[0]?.score).toBe(0.9)
    expect(keys.asked).toEqual([])
  })
  test('a suspicion that full resolution does not bear out ends: what else moves there is looked at again', async () => {
    const seen: boolean[] = []
    const detector = scriptedDetector(['fire'], (frame) => {
      seen.push(isFull(frame))
      return isFull(frame) ? [] : [spark]
    })
    const { look } = rig(detector, keyFramesAt(0))
    await look(0, [], still(true))
    await look(200, [], still(true))
    await look(400, [], still(true))
    expect(seen).toEqual([false, true])
    await look(2_000, [], still(true))
    expect(seen).toEqual([false, true, false])
  })
})
