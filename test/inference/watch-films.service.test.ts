import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import type { RuleConfig } from '../../core/config/rule.ts'
import type { Detector } from '../../core/ports/detector.ts'
import { createDetector } from '../../inference/worker/detector.ts'
import { decodeFile } from '../../ingest/decode/file.ts'
import { type Canvas, createCanvas } from '../footage/drawn.ts'
import { encodeFilm } from '../footage/encode.ts'
import { createRandom } from '../footage/random.ts'
import { makeStandingCarFilm } from '../footage/standing-car.ts'
import { assets, missingAssets } from '../support/assets.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { testMediaTools } from '../support/media-tools.ts'
import { missingService, onPath } from '../support/services.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { kinds, type Seen, type WatcherOptions, watcherOf } from './drive.ts'

// The same rules on films that ffmpeg encoded and decoded: compression makes other noise than a random number does.
const [WIDTH, HEIGHT] = [320, 180]

async function watchFilm(
  path: string,
  rules: readonly RuleConfig[],
  options: WatcherOptions & { fps: number },
) {
  const watcher = watcherOf(rules, options)
  const seen: Seen[] = []
  const { signal } = new AbortController()
  for await (const frame of decodeFile({
    path,
    mediaTools: testMediaTools(),
    signal,
    fps: options.fps,
    width: 640,
  })) {
    const { changes } = await watcher.step(frame)
    seen.push(...changes.map((change) => ({ at: frame.mediaMs / 1000, change })))
  }
  return seen
}

async function drawnFilm(
  film: { seconds: number; noise: number; crf?: number; draw: (canvas: Canvas, seconds: number) => void },
  rules: readonly RuleConfig[],
  options: WatcherOptions & { fps: number },
) {
  await using folder = await tempFolder()
  const path = join(folder.path, 'film.mp4')
  const { seconds, noise, crf = 28 } = film
  await encodeFilm({
    path,
    width: WIDTH,
    height: HEIGHT,
    outWidth: 640,
    fps: 5,
    seconds,
    noise,
    crf,
    picture(s) {
      const canvas = createCanvas(WIDTH, HEIGHT)
      film.draw(canvas, s)
      return canvas.rgb
    },
  })
  // Awaited here: the folder goes with this function.
  return await watchFilm(path, rules, options)
}

function street(canvas: Canvas): void {
  canvas.fill([0, 0, 1, 0.35], [170, 180, 190])
  canvas.fill([0, 0.35, 1, 1], [105, 105, 100])
  canvas.texture([0, 0.35, 1, 1], 14, 6, 7)
  canvas.fill([0.05, 0.2, 0.25, 0.5], [140, 90, 70])
}

const CAMERA: readonly RuleConfig[] = [
  { id: 'covered', type: 'camera_covered' },
  { id: 'frozen', type: 'camera_frozen' },
]

describe.skipIf(missingService('ffmpeg', onPath('ffmpeg')))('films through ffmpeg', () => {
  test.each([
    [0, 28, 0.5],
    [12, 28, 2],
    [12, 40, 2],
  ])('a thing left, noise %i, rate factor %i, %f pictures a second', async (noise, crf, fps) => {
    const draw = (canvas: Canvas, s: number) => {
      street(canvas)
      if (s > 5 && s < 9) canvas.fill([(s - 5) / 4, 0.4, (s - 5) / 4 + 0.06, 0.85], [40, 40, 60])
      if (s >= 7 && s < 40) canvas.fill([0.45, 0.65, 0.52, 0.78], [150, 90, 40])
    }
    const rules: readonly RuleConfig[] = [{ id: 'left', type: 'object_left', for: 10_000 }, ...CAMERA]
    const seen = await drawnFilm({ seconds: 56, noise, crf, draw }, rules, { fps })
    expect(seen.filter((s) => s.change.event.type !== 'object_left')).toEqual([])
    expect(kinds(seen)).toEqual(['start', 'end'])
    expect(seen[0]?.at).toBeGreaterThanOrEqual(17)
    expect(seen[0]?.at).toBeLessThanOrEqual(27)
    expect(seen.at(-1)?.at).toBeLessThanOrEqual(52)
  })

  test('a dark plume over a chimney', async () => {
    const zone = [
      [0.1, 0],
      [0.9, 0],
      [0.9, 0.6],
      [0.1, 0.6],
    ] as const
    const draw = (canvas: Canvas, s: number) => {
      canvas.fill([0, 0, 1, 0.6], [180, 195, 215])
      canvas.fill([0, 0.6, 1, 1], [90, 95, 80])
      canvas.fill([0.48, 0.4, 0.53, 0.75], [95, 70, 60])
      const random = createRandom(Math.floor(s * 5))
      for (let n = 0; s >= 8 && s < 30 && n < 12; n++) {
        const [x, y, r] = [
          0.505 + (n / 12) ** 2 * 0.25,
          0.38 - n * 0.025,
          0.02 + n * 0.004 + random() * 0.004,
        ]
        canvas.fill([x - r, y - r, x + r, y + r], [60, 60, 60], 0.85)
      }
    }
    const rules: readonly RuleConfig[] = [
      { id: 'dark', type: 'plume', zone: 'sky', darkness: 2, clear: 10_000 },
      ...CAMERA,
    ]
    const seen = await drawnFilm({ seconds: 50, noise: 10, draw }, rules, { fps: 1, zones: { sky: zone } })
    expect(kinds(seen)).toEqual(['start', 'end'])
    expect(seen[0]?.at).toBeLessThanOrEqual(26)
    expect(seen[0]?.change.event.measured.ringelmann).toBeGreaterThanOrEqual(2)
  })

  test('a covered lens', async () => {
    const draw = (canvas: Canvas, s: number) =>
      s >= 15 && s < 35 ? canvas.fill([0, 0, 1, 1], [30, 24, 22]) : street(canvas)
    const seen = await drawnFilm({ seconds: 45, noise: 12, draw }, CAMERA, { fps: 1 })
    expect(kinds(seen)).toEqual(['start', 'end'])
    expect(seen[0]?.change.event.type).toBe('camera_covered')
    expect(seen[0]?.at).toBeGreaterThanOrEqual(25)
    expect(seen[0]?.at).toBeLessThanOrEqual(28)
  })

  test.each([
    [26, 0.5],
    [34, 2],
  ])('a picture that freezes, rate factor %i, %f pictures a second', async (crf, fps) => {
    // The noise is drawn, not ffmpeg's, so that it freezes with the picture.
    const random = createRandom(3)
    const noise = Int8Array.from(
      { length: WIDTH * HEIGHT * 3 + 997 },
      () => (random() + random() + random() - 1.5) * 8,
    )
    let still: Uint8Array | null = null
    let n = 0
    const draw = (canvas: Canvas, s: number) => {
      if (s >= 20 && still) return canvas.rgb.set(still)
      street(canvas)
      const shift = (n++ * 113) % 997
      for (let i = 0; i < canvas.rgb.length; i++)
        canvas.rgb[i] = (canvas.rgb[i] as number) + (noise[i + shift] as number)
      still = canvas.rgb.slice()
    }
    const seen = await drawnFilm({ seconds: 75, noise: 0, crf, draw }, CAMERA, { fps })
    expect(seen.map((s) => s.change.event.type)).toContain('camera_frozen')
    expect(kinds(seen)).toEqual(['start'])
    expect(seen[0]?.at).toBeGreaterThanOrEqual(50)
    expect(seen[0]?.at).toBeLessThanOrEqual(65)
  })
})

describe.skipIf(missingAssets('the standing car with YOLOX-nano'))('the film of the standing car', () => {
  test('is one lane_blocked, and the car is found on most pictures', async () => {
    await using folder = await tempFolder()
    const path = join(folder.path, 'car.mp4')
    const film = await makeStandingCarFilm(path)
    const real = await createDetector({
      modelFile: assets.model('coco-yolox-nano-416'),
      clock: systemClock,
      log: silentLog,
      metrics: recordingMetrics(),
      minScore: 0.1,
    })
    try {
      const looks: boolean[] = []
      const detector: Detector = {
        model: real.model,
        labels: real.labels,
        async detect(frame) {
          const found = await real.detect(frame)
          const stands = frame.mediaMs >= film.standsFromS * 1000 && frame.mediaMs < film.standsToS * 1000
          if (stands)
            looks.push((found ?? []).some((d) => d.label === 'car' && d.score > 0.5 && d.box[3] > 0.7))
          return found
        },
      }
      const rules: readonly RuleConfig[] = [{ id: 'lane', type: 'lane_blocked', zone: 'lane', for: 15_000 }]
      const seen = await watchFilm(path, rules, { fps: 1, zones: { lane: film.zone }, detector })
      expect(kinds(seen)).toEqual(['start', 'end'])
      expect(seen[0]?.at).toBeGreaterThanOrEqual(20)
      expect(seen[0]?.at).toBeLessThanOrEqual(24)
      expect(seen.at(-1)?.at).toBeLessThanOrEqual(60)
      expect(seen[0]?.change.event.model?.sha256).toBe(real.model.sha256)
      expect(looks.filter(Boolean).length / looks.length).toBeGreaterThan(0.9)
    } finally {
      await real.stop()
    }
  })
})
