import { afterEach, expect, test, vi } from 'vitest'
import { probeBy } from '../../app/worker/camera-probe.ts'
import { PROBE_LIMIT_MS } from '../../core/camera-setup.ts'
import { SharpEyesError } from '../../core/errors.ts'

type Look = Parameters<typeof probeBy>[0]
type Sight = Awaited<ReturnType<Look>>

const SIGHT: Sight = {
  facts: {
    ...{ codec: 'avc1.64001f', codecName: 'H.264', encodedFrom: null, width: 320, height: 180, fps: 25 },
    ...{ kbitPerSecond: 900, keyFrameSeconds: 1, bFrames: false, clock: { kind: 'arrival', errorMs: 5 } },
    ...{ clockRate: null, firstPictureMs: 300, watchedSeconds: 4 },
  },
  problems: ['h265'],
  picture: { jpeg: new Uint8Array([1, 2, 3]), capturedAt: Date.parse('2026-11-26T04:00:00Z') },
}
const never = new AbortController().signal
afterEach(() => {
  vi.useRealTimers()
})

test('two at a time; the third is told when to come again, and one that ended makes room', async () => {
  const waiting: ((sight: Sight) => void)[] = []
  const { probe } = probeBy(() => new Promise((done) => waiting.push(done)))
  const ask = () => probe('rtsp://10.0.0.8/1', null, never)
  const running = [ask(), ask()]
  await expect(ask()).rejects.toMatchObject({ code: 'too_many_requests', details: { retryAfterSeconds: 10 } })
  for (const done of waiting) done(SIGHT)
  expect(await Promise.all(running)).toMatchObject([
    { worker: null, failure: null, seen: { problems: ['h265'] }, picture: { jpeg: 'AQID' } },
    { failure: null },
  ])
  const again = ask()
  await expect.poll(() => waiting.length).toBe(3)
  waiting[2]?.(SIGHT)
  expect(await again).toMatchObject({ failure: null })
})

test('what a camera does wrong is an answer; what we do wrong is an error, and makes room too', async () => {
  const thrown: SharpEyesError[] = []
  const { probe } = probeBy(async () => {
    throw thrown.shift()
  })
  const ask = (error: SharpEyesError) => {
    thrown.push(error)
    return probe('rtsp://10.0.0.8/1', null, never)
  }
  const failed = (code: 'camera_unreachable' | 'camera_auth', details: Record<string, unknown>) =>
    new SharpEyesError(code, 'camera x refused user "probe"', { details })
  expect(await ask(failed('camera_unreachable', { cause: 'dns', lines: ['s3cret'] }))).toEqual({
    ...{ worker: null, unreached: [], seen: null, picture: null },
    failure: { code: 'camera_unreachable', cause: 'dns' },
  })
  expect(await ask(failed('camera_auth', { cause: 'made up' }))).toMatchObject({
    failure: { code: 'camera_auth', cause: null },
  })
  for (let n = 0; n < 3; n++)
    await expect(ask(new SharpEyesError('dependency_missing', 'there is no ffmpeg'))).rejects.toMatchObject({
      code: 'dependency_missing',
    })
})

test('a camera that is not seen within the limit is told as that, not as out of reach', async () => {
  vi.useFakeTimers()
  const { probe } = probeBy(
    (_url, _login, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  )
  const asked = probe('rtsp://10.0.0.8/1', null, never)
  vi.advanceTimersByTime(PROBE_LIMIT_MS)
  expect(await asked).toMatchObject({ seen: null, failure: { code: 'probe_limit', cause: null } })
})

test('once the camera is seen the limit is off: a masking that fails later is an error of ours', async () => {
  vi.useFakeTimers()
  const masking = Promise.withResolvers<Sight>()
  const signals: AbortSignal[] = []
  const { probe } = probeBy((_url, _login, signal, { onSighted }) => {
    signals.push(signal)
    onSighted()
    return masking.promise
  })
  const asked = probe('rtsp://10.0.0.8/1', null, never)
  vi.advanceTimersByTime(2 * PROBE_LIMIT_MS)
  expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  masking.reject(new SharpEyesError('internal', 'the picture could not be masked'))
  await expect(asked).rejects.toMatchObject({ code: 'internal' })
})

test('without a configured camera heads are hidden, with one what it hides', async () => {
  const hidden: unknown[] = []
  const { probe } = probeBy(async (_url, _login, _signal, { hide }) => {
    hidden.push(hide)
    return SIGHT
  })
  await probe('rtsp://10.0.0.8/1', null, never)
  await probe('rtsp://10.0.0.8/1', null, never, { masking: 'frame', privacy: [] })
  expect(hidden).toEqual([
    { masking: 'heads', privacy: [] },
    { masking: 'frame', privacy: [] },
  ])
})

test('who leaves the page ends the probe', async () => {
  const gone = new AbortController()
  const begun = Promise.withResolvers<void>()
  const { probe } = probeBy((_url, _login, signal) => {
    begun.resolve()
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
  const asked = probe('rtsp://10.0.0.8/1', null, gone.signal)
  await begun.promise
  const reason = new Error('nobody waits for the answer')
  gone.abort(reason)
  await expect(asked).rejects.toBe(reason)
})
