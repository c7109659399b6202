import { expect, test } from 'vitest'
import type { Detection } from '../../core/frame.ts'
import { WHOLE_PICTURE } from '../../core/geometry.ts'
import type { Detector } from '../../core/ports/detector.ts'
import { polygonMask } from '../../inference/pixels/mask.ts'
import type { Picture } from '../../inference/pixels/scene.ts'
import { createLoggedDetector } from '../../inference/replay/picture-replay.ts'
import { createCloserLook } from '../../inference/watch/closer-look.ts'
import { frameOf } from '../footage/drawn.ts'
import { HEAD } from '../ingest/track-log/logged.ts'
import { recordingMetrics } from '../support/log.ts'

const SIZE = { width: 64, height: 36 }
const frameAt = (mediaMs: number) => frameOf(new Uint8Array(64 * 36 * 3), { ...SIZE, mediaMs })
const FIRE: readonly Detection[] = [{ label: 'fire', score: 0.6, box: [0.5, 0.5, 0.6, 0.6] }]

/** Nothing of it changed. */
function stillPicture(): Picture {
  const none = new Uint8Array(0)
  const plane = { ...SIZE, data: none, cb: none, cr: none }
  const facts = { noise: 1, elapsedMs: 200, restart: null, first: false, lightStep: false }
  const changed = new Uint8Array(SIZE.width * SIZE.height)
  return { plane, changed, usable: polygonMask(WHOLE_PICTURE, plane, []), ...facts }
}

test('the log answers for the picture that is stepped, and not for a part of it or another', async () => {
  const { detector, show } = createLoggedDetector(HEAD)
  const [frame, next] = [frameAt(0), frameAt(500)]
  show(frame, FIRE)
  expect(await detector?.detect(frame)).toEqual(FIRE)
  expect(await detector?.detect(next)).toBeNull()
  show(next, null)
  expect(await detector?.detect(next)).toBeNull()
  expect(await detector?.detect(frame)).toBeNull()
  expect(createLoggedDetector({ ...HEAD, model: null }).detector).toBeNull()
})

test('a second look leaves what was logged as it is: the log has both looks together', async () => {
  const { detector, show } = createLoggedDetector(HEAD)
  const asked: number[] = []
  const counted: Detector = {
    ...(detector as Detector),
    detect(frame) {
      asked.push(frame.width)
      return (detector as Detector).detect(frame)
    },
  }
  const closer = createCloserLook({ camera: 'drawn', detector: counted, metrics: recordingMetrics() })
  const frame = frameAt(0)
  show(frame, FIRE)
  expect(await closer.look(frame, FIRE, stillPicture(), 0)).toEqual(FIRE)
  expect(asked).toEqual([expect.any(Number)])
  expect(asked[0]).toBeLessThan(SIZE.width)
})
