import { describe, expect, test } from 'vitest'
import { SharpEyesError } from '../../core/errors.ts'
import type { Frame } from '../../core/frame.ts'
import type { Picture } from '../../inference/model/preprocess.ts'
import type { ModelSpec } from '../../inference/model/spec.ts'
import { createDetector } from '../../inference/worker/detector.ts'
import type { Found, InferenceWorker } from '../../inference/worker/inference-worker.ts'
import { recordingLog, recordingMetrics } from '../support/log.ts'
import { manualClock } from '../support/manual-clock.ts'
import { asFrame } from '../support/pictures.ts'

const SPEC = {
  ...{ id: 'm', family: 'yolox', sha256: 'f'.repeat(64), labels: ['thing'] },
  thresholds: { score: 0.3, nmsIou: 0.5 },
} as unknown as ModelSpec
const FOUND: Found = { detections: [{ label: 'thing', score: 0.9, box: [0, 0, 1, 1] }], ms: 5 }

/** A worker that answers when the test says so. */
function handWorker() {
  const gone = Promise.withResolvers<string>()
  let call: { picture: Picture; resolve: (found: Found) => void; reject: (error: unknown) => void } | null =
    null
  let alive = true
  const worker: InferenceWorker & { stopped: boolean } = {
    ready: Promise.resolve(SPEC),
    gone: gone.promise,
    stopped: false,
    get alive() {
      return alive
    },
    detect: (picture) =>
      new Promise((resolve, reject) => {
        if (call) throw new Error('two pictures at once')
        call = { picture, resolve, reject }
      }),
    async stop() {
      worker.stopped = true
      gone.resolve('stopped')
      await gone.promise
    },
  }
  const end = () => {
    if (!call) throw new Error('it has no picture')
    const ended = call
    call = null
    return ended
  }
  return {
    worker,
    frame: () => call?.picture as Frame | undefined,
    answer: (found = FOUND) => end().resolve(found),
    fail: (error: unknown) => end().reject(error),
    die: (why: string) => {
      alive = false
      if (call) end().reject(new SharpEyesError('model_failed', `the inference worker died: ${why}`))
      gone.resolve(why)
    },
  }
}

async function setUp(options: { threads?: number; later?: (n: number) => Promise<ModelSpec> } = {}) {
  const hands: ReturnType<typeof handWorker>[] = []
  const hashes: (string | null)[] = []
  const log = recordingLog()
  const metrics = recordingMetrics()
  const clock = manualClock(0)
  const detector = await createDetector({
    modelFile: 'm.onnx',
    threads: options.threads ?? 1,
    timeoutMs: 1_000,
    clock,
    log,
    metrics,
    startWorker: (sha256) => {
      hashes.push(sha256)
      const hand = handWorker()
      hands.push(hand)
      const ready = hands.length > 1 && options.later ? options.later(hands.length) : hand.worker.ready
      ready.catch(() => undefined)
      return Object.defineProperty(hand.worker, 'ready', { value: ready })
    },
  })
  await settled()
  return { detector, hands, hashes, log, metrics, clock }
}

/** Lets everything that is not waiting for anybody happen. */
const settled = () => new Promise((resolve) => setImmediate(resolve))
const frame = (cameraId: string, index = 0) =>
  asFrame({ width: 1, height: 1, rgb: new Uint8Array(3) }, { cameraId, index })
const counted = (metrics: ReturnType<typeof recordingMetrics>, result: string) =>
  metrics.counts.get(`inference_frames_total{model=m,result=${result}}`) ?? 0

describe('live frames', () => {
  test('an answer is what the model found, and is counted', async () => {
    const { detector, hands, metrics } = await setUp()
    const call = detector.detect(frame('a'))
    hands[0]?.answer()
    expect(await call).toEqual(FOUND.detections)
    expect(counted(metrics, 'ok')).toBe(1)
    expect(detector.model).toEqual({ id: 'm', family: 'yolox', sha256: SPEC.sha256 })
  })

  test('a newer frame of the same camera replaces the waiting one, which resolves null and is counted', async () => {
    const { detector, hands, metrics } = await setUp()
    const first = detector.detect(frame('a', 1))
    const second = detector.detect(frame('a', 2))
    const other = detector.detect(frame('b', 1))
    const third = detector.detect(frame('a', 3))
    expect(await second).toBeNull()
    const order: string[] = []
    for (let i = 0; i < 3; i++) {
      const running = hands[0]?.frame()
      order.push(`${running?.cameraId}${running?.index}`)
      hands[0]?.answer()
      await settled()
    }
    expect(order).toEqual(['a1', 'a3', 'b1'])
    expect(await Promise.all([first, other, third])).toEqual([
      FOUND.detections,
      FOUND.detections,
      FOUND.detections,
    ])
    expect([counted(metrics, 'dropped'), counted(metrics, 'ok')]).toEqual([1, 3])
  })

  test('two workers work at once', async () => {
    const { detector, hands } = await setUp({ threads: 2 })
    const calls = [detector.detect(frame('a')), detector.detect(frame('b'))]
    expect([hands[0]?.frame()?.cameraId, hands[1]?.frame()?.cameraId]).toEqual(['a', 'b'])
    hands[1]?.answer()
    hands[0]?.answer()
    expect(await Promise.all(calls)).toHaveLength(2)
  })

  test('workers after the first must load the same bytes', async () => {
    const { hashes } = await setUp({ threads: 3 })
    expect(hashes).toEqual([null, SPEC.sha256, SPEC.sha256])
  })
})

describe('a model that fails is an error, never an empty answer', () => {
  test('a failing run rejects that call only', async () => {
    const { detector, hands, metrics } = await setUp()
    const [bad, good] = [detector.detect(frame('a')), detector.detect(frame('b'))]
    hands[0]?.fail(new Error('no memory'))
    await expect(bad).rejects.toMatchObject({
      code: 'model_failed',
      message: 'model m failed on a frame of a: no memory',
    })
    await settled()
    hands[0]?.answer()
    expect(await good).toEqual(FOUND.detections)
    expect([counted(metrics, 'error'), counted(metrics, 'ok')]).toEqual([1, 1])
  })

  test('a run beyond the time-out rejects; another worker takes over, the late one is stopped after its answer', async () => {
    const { detector, hands, metrics, clock } = await setUp()
    const slow = detector.detect(frame('a'))
    const waiting = detector.detect(frame('b'))
    const outcome = Promise.allSettled([slow, waiting])
    clock.advance(1_000)
    await settled()
    expect((await outcome).map((o) => o.status === 'rejected' && o.reason.message)).toEqual([
      'model m failed on a frame of a: its run took longer than 1 s',
      'model m failed on a frame of b: no worker was free for 1 s',
    ])
    expect(counted(metrics, 'timeout')).toBe(2)
    await settled()
    expect(hands).toHaveLength(2)
    expect(hands[0]?.worker.stopped).toBe(false)
    const next = detector.detect(frame('a'))
    hands[1]?.answer()
    expect(await next).toEqual(FOUND.detections)
    hands[0]?.answer()
    await settled()
    expect(hands[0]?.worker.stopped).toBe(true)
    expect(counted(metrics, 'ok')).toBe(1)
  })

  test('a worker that dies rejects its call and is replaced at once', async () => {
    const { detector, hands, log, metrics } = await setUp()
    const call = detector.detect(frame('a'))
    hands[0]?.die('out of memory')
    await expect(call).rejects.toThrow('the inference worker died: out of memory')
    await settled()
    expect(hands).toHaveLength(2)
    const next = detector.detect(frame('a'))
    await settled()
    hands[1]?.answer()
    expect(await next).toEqual(FOUND.detections)
    expect(
      log.lines.some((line) => line.includes('out of memory') && line.includes('inference worker lost')),
    ).toBe(true)
    expect(metrics.counts.get('inference_worker_restarts_total{model=m}')).toBe(1)
  })

  test('while no worker can be started every call says why, and it heals by itself', async () => {
    let broken = true
    const { detector, hands, clock } = await setUp({
      later: () =>
        broken
          ? Promise.reject(new SharpEyesError('model_invalid', 'the file changed'))
          : Promise.resolve(SPEC),
    })
    hands[0]?.die('killed')
    await settled()
    await settled()
    await expect(detector.detect(frame('a'))).rejects.toThrow(
      'no inference worker is alive: the file changed',
    )
    broken = false
    for (let i = 0; i < 5; i++) {
      clock.advance(10_000)
      await settled()
    }
    const call = detector.detect(frame('a'))
    hands.at(-1)?.answer()
    expect(await call).toEqual(FOUND.detections)
  })
})

describe('stopping', () => {
  test('a run is finished, what waits is refused, later calls too, and stopping twice is once', async () => {
    const { detector, hands, metrics } = await setUp()
    const running = detector.detect(frame('a'))
    const waiting = detector.detect(frame('b'))
    const refused = expect(waiting).rejects.toMatchObject({ code: 'not_ready' })
    const stops = [detector.stop(), detector.stop()]
    hands[0]?.answer()
    expect(await running).toEqual(FOUND.detections)
    await Promise.all([...stops, refused])
    await expect(detector.detect(frame('a'))).rejects.toMatchObject({ code: 'not_ready' })
    expect(hands).toHaveLength(1)
    expect(hands[0]?.worker.stopped).toBe(true)
    expect(counted(metrics, 'stopped')).toBe(1)
  })

  test('a worker that never ends does not hold it up for ever', async () => {
    const { detector, hands, clock, log } = await setUp()
    const call = detector.detect(frame('a'))
    const ended = expect(call).rejects.toThrow('took longer than 1 s')
    const hand = hands[0]
    if (hand) hand.worker.stop = () => new Promise(() => undefined)
    const stopped = detector.stop()
    clock.advance(10_000)
    await settled()
    await stopped
    await ended
    expect(log.lines.some((line) => line.includes('still run'))).toBe(true)
  })
})

describe('films', () => {
  test('every frame is answered, in order, and the source is read no faster than the model works', async () => {
    const { detector, hands } = await setUp({ threads: 2 })
    let read = 0
    async function* film() {
      for (let i = 0; i < 12; i++) {
        read++
        yield frame('film', i)
      }
    }
    const seen: number[] = []
    const all = (async () => {
      for await (const { frame: done } of detector.detectAll(film())) seen.push(done.index)
    })()
    await settled()
    expect(read).toBe(4)
    while (seen.length < 12) {
      // The second worker answers first each time: the order is that of the film all the same.
      for (const hand of hands.toReversed()) if (hand.frame()) hand.answer()
      await settled()
    }
    await all
    expect(seen).toEqual(Array.from({ length: 12 }, (_, i) => i))
  })

  test('a failing run ends it with the error, a reader that leaves ends the source', async () => {
    const { detector, hands } = await setUp()
    let closed = 0
    async function* film() {
      try {
        for (let i = 0; ; i++) yield frame('film', i)
      } finally {
        closed++
      }
    }
    const failing = detector.detectAll(film()).next()
    const rejected = expect(failing).rejects.toThrow('bad run')
    await settled()
    hands[0]?.fail(new Error('bad run'))
    await settled()
    hands[0]?.answer()
    await rejected
    expect(closed).toBe(1)

    const leaving = detector.detectAll(film())
    const first = leaving.next()
    await settled()
    hands[0]?.answer()
    await first
    const left = leaving.return(undefined)
    await settled()
    if (hands[0]?.frame()) hands[0].answer()
    await left
    expect(closed).toBe(2)
  })
})
