import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { createStillMaker } from '../../app/worker/stills.ts'
import { type CameraConfig, cameraSchema } from '../../core/config/city.ts'
import { hazardEvent, TEST_TIME } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'

const WIDTH = 64
const HEIGHT = 48

const camera = (more: object): CameraConfig =>
  cameraSchema.parse({
    id: 'yard',
    name: { zh: '院', en: 'Yard' },
    purpose: 'environment',
    url: 'yard.mp4',
    ...more,
  })

/** The pixels of the original that is kept of a white picture; null: none is. */
async function originalOf(of: CameraConfig): Promise<Buffer | null> {
  // As the ring gives it: `slice` of a Buffer is no copy.
  const rgb = Buffer.alloc(WIDTH * HEIGHT * 3, 255)
  const stored = new Map<string, Uint8Array>()
  const maker = createStillMaker({
    source: {
      still: async () => ({ rgb, width: WIDTH, height: HEIGHT, capturedAt: TEST_TIME }),
      pin: async () => undefined,
      unpin: async () => undefined,
      pinned: async () => [],
      clip: async () => null,
    },
    store: {
      async put(content) {
        if (!(content instanceof Uint8Array)) throw new Error('a still is stored from memory')
        const sha256 = createHash('sha256').update(content).digest('hex')
        stored.set(sha256, content)
        return { sha256, bytes: content.length }
      },
    },
    masker: {
      still: async () => ({ jpeg: new Uint8Array(4), method: 'frame@1' }),
      clip: async () => ({ method: 'frame@1' }),
    },
    clock: manualClock(TEST_TIME),
    log: silentLog,
    metrics: recordingMetrics(),
  })
  const still = await maker.take(hazardEvent(), of)
  expect(rgb.every((value) => value === 255)).toBe(true)
  if ('failed' in still) throw new Error(still.failed)
  const original = still.original ? stored.get(still.original.sha256) : undefined
  return original ? sharp(original).raw().toBuffer() : null
}

test('the sealed original is unmasked, but grey where a privacy polygon lies', async () => {
  const left = [
    [0, 0],
    [0.5, 0],
    [0.5, 1],
    [0, 1],
  ]
  const pixels = await originalOf(camera({ privacy: [left] }))
  const at = (x: number) => pixels?.[((HEIGHT / 2) * WIDTH + x) * 3] ?? -1
  expect(Math.abs(at(WIDTH / 4) - 128)).toBeLessThan(8)
  expect(at((WIDTH * 3) / 4)).toBeGreaterThan(247)
})

test('where nothing is masked there is no second copy', async () => {
  expect(await originalOf(camera({ masking: { none: '演示' } }))).toBeNull()
})
