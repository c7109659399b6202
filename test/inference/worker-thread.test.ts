import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createDetector, type DetectorOptions } from '../../inference/worker/detector.ts'
import { startInferenceWorker } from '../../inference/worker/inference-worker.ts'
import { echoModelFile } from '../support/echo-model.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { drawFinding, onnxBytes } from '../support/onnx.ts'
import { asFrame } from '../support/pictures.ts'

// Real threads, real ONNX Runtime, a little model of our own whose findings a test draws.
let model: Awaited<ReturnType<typeof echoModelFile>>
beforeAll(async () => {
  model = await echoModelFile()
})
afterAll(() => model[Symbol.asyncDispose]())

const create = (options: Partial<DetectorOptions> = {}) =>
  createDetector({
    modelFile: model.file,
    clock: systemClock,
    log: silentLog,
    metrics: recordingMetrics(),
    ...options,
  })

test('every picture of a film gets its own findings, over two threads', async () => {
  const detector = await create({ threads: 2 })
  const cellOf = (index: number) => (index * 7) % 16
  async function* film() {
    for (let index = 0; index < 200; index++)
      yield asFrame(drawFinding({ cell: cellOf(index), score: 0.8 }), { index })
  }
  let n = 0
  for await (const { frame, detections } of detector.detectAll(film())) {
    expect(frame.index).toBe(n++)
    const [left = -1, top = -1] = detections[0]?.box ?? []
    expect(detections).toHaveLength(1)
    expect(Math.round(left * 4) + 4 * Math.round(top * 4)).toBe(cellOf(frame.index))
  }
  expect(n).toBe(200)
  await detector.stop()
})

test('the caller keeps its picture: not detached, not changed', async () => {
  const detector = await create()
  const picture = drawFinding({ cell: 3, score: 0.9 })
  const before = picture.rgb.slice()
  expect(await detector.detect(asFrame(picture))).toHaveLength(1)
  expect(picture.rgb).toEqual(before)
  await detector.stop()
})

test('weaker findings are reported where they are asked for', async () => {
  const detector = await create({ minScore: 0.1 })
  expect(await detector.detect(asFrame(drawFinding({ cell: 3, score: 0.2 })))).toHaveLength(1)
  await detector.stop()
})

test('a picture whose bytes do not fit its size is an error', async () => {
  const detector = await create()
  const frame = asFrame({ width: 32, height: 32, rgb: new Uint8Array(10) })
  await expect(detector.detect(frame)).rejects.toThrow('a picture of 32x32 has 3072 bytes, got 10')
  expect(await detector.detect(asFrame(drawFinding()))).toEqual([])
  await detector.stop()
})

test('a model that cannot be used is refused with the reason, and its thread ends', async () => {
  const bad = await echoModelFile(onnxBytes({ inputs: [], outputs: [], nodes: [] }))
  await expect(create({ modelFile: bad.file })).rejects.toMatchObject({ code: 'model_invalid' })
  const worker = startInferenceWorker({ modelFile: bad.file }, null)
  await expect(worker.ready).rejects.toThrow(bad.file)
  expect(await worker.gone).toBe('exit code 0')
  await bad[Symbol.asyncDispose]()
})

test('a thread that dies with a picture fails that call; another thread takes over', async () => {
  const request = { modelFile: model.file }
  const dying = new URL('./worker-dying-thread.ts', import.meta.url)
  let started = 0
  const detector = await create({
    startWorker: () =>
      started++ === 0 ? startInferenceWorker(request, null, dying) : startInferenceWorker(request, null),
  })
  const frame = asFrame(drawFinding({ cell: 1, score: 0.9 }))
  await expect(detector.detect(frame)).rejects.toMatchObject({
    code: 'model_failed',
    message: 'model echo failed on a frame of cam-1: the inference worker died: exit code 7',
  })
  expect(await detector.detect(frame)).toHaveLength(1)
  expect(started).toBe(2)
  await detector.stop()
})
