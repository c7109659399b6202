import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../adapters/clock.ts'
import type { SharpEyesError } from '../../../core/errors.ts'
import type { Attention, Frame } from '../../../core/frame.ts'
import { createDecoder, type DecoderTuning } from '../../../ingest/decode/decoder.ts'
import type { Fragment } from '../../../ingest/hub/fragment.ts'
import { corrupted, fragmentsOf, handHub, type Stream } from '../../support/fragments.ts'
import { recordingMetrics, silentLog } from '../../support/log.ts'
import { testMediaTools } from '../../support/media-tools.ts'
import { makeNumberedFilm, type NumberedFilm, readNumber } from '../../support/numbered-film.ts'

const sentry: Attention = { level: 'sentry', fps: 5, reason: 'quiet' }
const full = (fps: number): Attention => ({ level: 'full', fps, reason: 'test' })
const GOP = 25
const KINDS = {
  'H.264': { codec: 'h264', bFrames: 0 },
  'H.264 with three B-frames': { codec: 'h264', bFrames: 3 },
  'H.264 with open GOP': { codec: 'h264', bFrames: 3, openGop: true },
  'H.265': { codec: 'h265', bFrames: 0 },
  'H.265 with three B-frames': { codec: 'h265', bFrames: 3 },
  'H.265 with open GOP': { codec: 'h265', bFrames: 3, openGop: true },
} as const satisfies Record<string, Partial<NumberedFilm>>
type Kind = keyof typeof KINDS
const kinds = Object.keys(KINDS) as Kind[]

let folder = ''
const streams = new Map<string, Stream>()
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'decode-'))
  for (const [name, film] of Object.entries(KINDS)) {
    const path = join(folder, `${name}.mp4`)
    await makeNumberedFilm({ path, frames: 200, gop: GOP, ...film })
    streams.set(name, await fragmentsOf(path))
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const streamOf = (kind: Kind): Stream => {
  const stream = streams.get(kind)
  if (!stream) throw new Error(`no film ${kind}`)
  return stream
}

/** Key frames of H.264 with open GOP do not answer; that is found out by a time that must not pass for the others. */
const openGop = (kind: Kind) => (kind === 'H.264 with open GOP' ? { answerMs: 50 } : {})

/** The number that the picture of a fragment shows: its place in the order of presentation. */
const numberOf = (stream: Stream, mediaMs: number) =>
  stream.fragments.filter((fragment) => fragment.mediaMs < mediaMs).length

/** ffmpeg whose input can be shut: it gets no more of it until it is opened. Processes started meanwhile are not touched. */
function shuttable() {
  const real = testMediaTools()
  let gate = Promise.withResolvers<void>()
  gate.resolve()
  let shut = new Set<Writable>()
  const inputs = new Set<Writable>()
  const tools: typeof real = {
    ...real,
    spawn(...asked) {
      const process = real.spawn(...asked)
      const stdin: Writable = new Writable({
        write: (bytes, _, done) =>
          void (shut.has(stdin) ? gate.promise : Promise.resolve()).then(() =>
            process.stdin?.write(bytes, done),
          ),
        final: (done) => void process.stdin?.end(done),
      })
      inputs.add(stdin)
      return { ...process, stdin }
    },
  }
  return {
    tools,
    shut() {
      gate = Promise.withResolvers<void>()
      shut = new Set(inputs)
    },
    open() {
      shut.clear()
      gate.resolve()
    },
  }
}

function rig(tuning: Partial<DecoderTuning> = {}, camera = 'cam-1', mediaTools = testMediaTools()) {
  const hub = handHub(camera)
  const frames: Frame[] = []
  const problems: (SharpEyesError | null)[] = []
  const metrics = recordingMetrics()
  const decoder = createDecoder({
    ...{ camera, hub, mediaTools, clock: systemClock, log: silentLog, metrics, width: 320 },
    onFrame: (frame) => {
      frames.push(frame)
    },
    onProblem: (problem) => problems.push(problem),
    tuning: { answerMs: 5_000, drainMs: 60_000, behindMs: 60_000, ...tuning },
  })
  return { hub, frames, problems, metrics, mediaTools, decoder, camera }
}
type Rig = ReturnType<typeof rig>

/** Pictures that came out in one burst and gave way to the newest (by design, and counted): no picture is lost besides. */
const gaveWay = ({ metrics, camera }: Rig): number =>
  metrics.counts.get(`decoder_dropped_total{camera=${camera},why=newer_frame}`) ?? 0

/** Hands the fragments on GOP by GOP; the next one comes when no more pictures of this one do. */
async function play(to: Rig, fragments: readonly Fragment[]): Promise<void> {
  for (let at = 0; at < fragments.length; ) {
    const before = to.frames.length
    do {
      const fragment = fragments[at++]
      if (fragment) to.hub.fragment(fragment)
    } while (at < fragments.length && !fragments[at]?.key)
    await settled(to, before)
  }
}

/** No picture for a while, a longer one when none has come yet. */
async function settled({ frames }: Rig, before: number): Promise<void> {
  let count = frames.length
  for (let since = Date.now(); Date.now() - since < (count > before ? 120 : 800); await delay(5)) {
    if (frames.length === count) continue
    count = frames.length
    since = Date.now()
  }
}

async function until(fact: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 20_000; !fact(); await delay(5)) {
    if (Date.now() > end) throw new Error(`it never came that ${what}`)
  }
}

function expectTrue(stream: Stream, frames: readonly Frame[]): void {
  for (const frame of frames) {
    const fragment = stream.fragments[frame.index]
    expect(fragment?.mediaMs).toBe(frame.mediaMs)
    expect(frame.capturedAt).toBe(fragment?.capturedAt)
    expect(frame.key).toBe(fragment?.key)
    expect(readNumber(frame)).toBe(numberOf(stream, frame.mediaMs))
  }
  const times = frames.map((frame) => frame.mediaMs)
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
}

describe.each(kinds)('%s', (kind) => {
  it('shows each picture under its own time in sentry and at full attention', async () => {
    const stream = streamOf(kind)
    const it = rig(openGop(kind))
    it.decoder.setAttention(sentry)
    it.hub.init(stream.init)
    await play(it, stream.fragments.slice(0, 4 * GOP + 10))
    await until(() => it.frames.length + gaveWay(it) >= 3, 'key frames are shown')
    const inSentry = it.frames.length
    const gaveWayInSentry = gaveWay(it)
    const from = Math.max(stream.fragments[4 * GOP]?.mediaMs ?? 0, it.frames.at(-1)?.mediaMs ?? 0)
    const level = it.decoder.attention
    it.decoder.setAttention(full(25))
    await play(it, stream.fragments.slice(4 * GOP + 10))
    it.hub.ended('the film is over')
    const end = Math.max(...stream.fragments.map((fragment) => fragment.mediaMs))
    await until(() => it.frames.at(-1)?.mediaMs === end, 'the last picture comes')
    await it.decoder.stop()
    expectTrue(stream, it.frames)
    expect(inSentry + gaveWayInSentry).toBeGreaterThanOrEqual(3)
    if (kind === 'H.264 with open GOP')
      expect(level).toEqual({
        level: 'full',
        fps: 5,
        reason: 'key frames do not decode on their own (open GOP)',
        why: { code: 'open_gop', facts: {}, rule: null, past: false },
      })
    else expect(it.frames.slice(0, inSentry).every((frame) => frame.key)).toBe(true)
    // The GOP under way was caught up with: nothing after the last picture shown in sentry is missing.
    const caughtUp = it.frames.filter((frame) => frame.mediaMs >= from).map((frame) => frame.mediaMs)
    const all = stream.fragments.map((fragment) => fragment.mediaMs).filter((mediaMs) => mediaMs >= from)
    expect(all).toEqual(expect.arrayContaining(caughtUp))
    expect(caughtUp.length + gaveWay(it) - gaveWayInSentry).toBe(all.length)
    expect(it.problems).toEqual([])
    expect(it.mediaTools.running()).toBe(0)
  })

  it.each([sentry, full(25)])(
    'credits nothing wrongly around one corrupt key frame: $level',
    async (attention) => {
      const stream = streamOf(kind)
      const it = rig()
      it.decoder.setAttention(attention)
      it.hub.init(stream.init)
      const bad = 4 * GOP
      await play(
        it,
        stream.fragments.map((fragment) => (fragment.index === bad ? corrupted(fragment) : fragment)),
      )
      it.hub.ended('the film is over')
      await until(() => it.frames.some((frame) => frame.index >= 6 * GOP), 'pictures come again')
      await it.decoder.stop()
      const clean = it.frames.filter((frame) => readNumber(frame) !== null)
      expectTrue(stream, clean)
      // A damaged picture may be shown as damaged under its own time (H.265 does not notice), never as another one.
      for (const frame of it.frames) {
        if (clean.includes(frame)) continue
        expect(Math.abs(frame.index - bad)).toBeLessThan(GOP)
      }
    },
  )
})

it('samples at the rate asked for, and keeps every key frame', async () => {
  const stream = streamOf('H.264 with three B-frames')
  const it = rig()
  it.decoder.setAttention(full(5))
  it.hub.init(stream.init)
  await play(it, stream.fragments)
  it.hub.ended('over')
  await until(() => it.mediaTools.running() === 0, 'the decoder has given out what it holds')
  await it.decoder.stop()
  expectTrue(stream, it.frames)
  // 8 s at 5 fps; a key frame between two instants comes on top of them.
  const came = it.frames.length + gaveWay(it)
  expect(came).toBeGreaterThanOrEqual(40)
  expect(came).toBeLessThanOrEqual(48)
  const keys = it.frames.filter((frame) => frame.key).length
  expect(keys).toBeLessThanOrEqual(8)
  expect(keys + gaveWay(it)).toBeGreaterThanOrEqual(8)
})

it('keeps two cameras apart', async () => {
  const [a, b] = [streamOf('H.264'), streamOf('H.265')]
  const [one, two] = [rig({}, 'cam-1'), rig({}, 'cam-2')]
  for (const { decoder } of [one, two]) decoder.setAttention(full(25))
  one.hub.init(a.init)
  two.hub.init(b.init)
  await Promise.all([play(one, a.fragments.slice(0, 60)), play(two, b.fragments.slice(100, 160))])
  await until(
    () => one.frames.length + gaveWay(one) >= 55 && two.frames.length + gaveWay(two) >= 30,
    'both show pictures',
  )
  await Promise.all([one.decoder.stop(), two.decoder.stop()])
  expectTrue(a, one.frames)
  expectTrue(b, two.frames)
  expect(new Set(one.frames.map((frame) => frame.cameraId))).toEqual(new Set(['cam-1']))
  expect(new Set(two.frames.map((frame) => frame.cameraId))).toEqual(new Set(['cam-2']))
})

it('passes a discontinuity on with the first picture after it, and takes times that start over', async () => {
  const stream = streamOf('H.264')
  const it = rig()
  it.decoder.setAttention(full(25))
  it.hub.init(stream.init)
  const loop = stream.fragments.slice(0, 2 * GOP)
  await play(it, loop)
  await play(
    it,
    loop.map((fragment) => ({ ...fragment, discontinuity: fragment.index === 0 })),
  )
  await until(() => it.frames.length + gaveWay(it) === 4 * GOP, 'both rounds are shown')
  await it.decoder.stop()
  const startsOver = it.frames.findIndex((frame, at) => frame.index < (it.frames[at - 1]?.index ?? 0))
  expect(it.frames.flatMap((frame, at) => (frame.discontinuity ? [at] : []))).toEqual([startsOver])
  for (const frame of it.frames) expect(readNumber(frame)).toBe(frame.index)
})

it('starts a stuck decoder anew, says so and counts it', async () => {
  const stream = streamOf('H.264')
  const it = rig({ stuckMs: 400 })
  it.decoder.setAttention(full(25))
  it.hub.init(stream.init)
  await play(it, stream.fragments.slice(0, GOP))
  // The coded pictures are gone; what is fed decodes to nothing.
  await play(
    it,
    stream.fragments.slice(GOP, 2 * GOP).map((fragment) => emptied(fragment)),
  )
  await until(() => it.problems.length > 0, 'the problem is told')
  await play(it, stream.fragments.slice(2 * GOP, 4 * GOP))
  await until(() => it.frames.at(-1)?.index === 4 * GOP - 1, 'it shows pictures again')
  await it.decoder.stop()
  expectTrue(stream, it.frames)
  expect(it.problems[0]?.code).toBe('camera_codec')
  expect(it.problems.at(-1)).toBeNull()
  expect(it.metrics.counts.get('decoder_restarts_total{camera=cam-1}')).toBeGreaterThanOrEqual(1)
})

describe('an ffmpeg that has not read for long', () => {
  const stream = () => streamOf('H.264')
  const gop = (n: number) => stream().fragments.slice(n * GOP, (n + 1) * GOP)
  async function stuffed(tuning: Partial<DecoderTuning>) {
    const input = shuttable()
    const it = rig({ behindMs: 300, ...tuning }, 'cam-1', input.tools)
    it.decoder.setAttention(full(25))
    it.hub.init(stream().init)
    await play(it, gop(0))
    await play(it, gop(1))
    await until(() => it.frames.at(-1)?.index === 2 * GOP - 1, 'ffmpeg is up')
    for (const fragment of gop(2)) it.hub.fragment(fragment)
    // The first of them is on its way already: its picture comes out, and the decoder owes none.
    input.shut()
    await until(() => it.frames.at(-1)?.index === 2 * GOP, 'the first of them comes out')
    await delay(350)
    for (const fragment of gop(3)) it.hub.fragment(fragment)
    return { it, input }
  }

  it('does not go on with all that waits, but at the next key frame', async () => {
    const { it, input } = await stuffed({})
    input.open()
    await until(() => it.frames.at(-1)?.index === 3 * GOP - 1, 'what waited comes out')
    await play(it, gop(4))
    await until(() => it.frames.at(-1)?.index === 5 * GOP - 1, 'it goes on')
    await it.decoder.stop()
    expectTrue(stream(), it.frames)
    expect(it.frames.filter(({ index }) => index >= 3 * GOP && index < 4 * GOP)).toEqual([])
    expect(it.metrics.counts.get('decoder_dropped_total{camera=cam-1,why=behind}')).toBe(1)
    expect(it.problems).toEqual([])
  })

  it('is started anew when it reads nothing any more', async () => {
    const { it } = await stuffed({ stuckMs: 2_000 })
    await until(() => it.problems.length > 0, 'the problem is told')
    // A slow machine may need more than one new process, each after a pause.
    const isUp = () => it.frames.some(({ index }) => index >= 4 * GOP)
    for (let n = 4; n < 8 && !isUp(); n++) await play(it, gop(n))
    await until(isUp, 'another one goes on')
    await it.decoder.stop()
    expectTrue(stream(), it.frames)
    expect(it.problems[0]?.code).toBe('camera_codec')
    expect(it.problems.at(-1)).toBeNull()
  })
})

it('lets a fresh process take over after many fragments without losing a picture', async () => {
  const stream = streamOf('H.264 with three B-frames')
  const it = rig({ recycleAfter: 40 })
  it.decoder.setAttention(full(25))
  it.hub.init(stream.init)
  await play(it, stream.fragments)
  it.hub.ended('over')
  await until(() => it.frames.length + gaveWay(it) === stream.fragments.length, 'every picture is shown')
  await it.decoder.stop()
  expectTrue(stream, it.frames)
  expect(it.mediaTools.started()).toBeGreaterThanOrEqual(4)
  expect(it.problems).toEqual([])
})

it('gives full attention to a stream whose key frames are far apart', async () => {
  const stream = streamOf('H.264')
  const it = rig({ maxGopMs: 900 })
  it.decoder.setAttention(sentry)
  it.hub.init(stream.init)
  await play(it, stream.fragments.slice(0, 2 * GOP))
  await it.decoder.stop()
  expect(it.decoder.attention).toMatchObject({
    level: 'full',
    reason: 'key frames are more than 0.9 s apart',
  })
})

/** The fragment with its picture data zeroed: its NAL units have no length. */
function emptied(fragment: Fragment): Fragment {
  const bytes = Buffer.from(fragment.bytes)
  bytes.fill(0, bytes.readUInt32BE(0) + 8)
  return { ...fragment, bytes }
}
