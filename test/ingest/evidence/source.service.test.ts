import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../adapters/clock.ts'
import type { Clock } from '../../../core/ports/clock.ts'
import { createEvidenceSource } from '../../../ingest/evidence/source.ts'
import type { Fragment } from '../../../ingest/hub/fragment.ts'
import { createRing, type Ring } from '../../../ingest/ring/ring.ts'
import { corrupted, fragmentsOf, handHub, type Stream } from '../../support/fragments.ts'
import { recordingMetrics, silentLog } from '../../support/log.ts'
import { testMediaTools } from '../../support/media-tools.ts'
import { makeNumberedFilm, type NumberedFilm, readNumber } from '../../support/numbered-film.ts'

const run = promisify(execFile)
const START = 1_700_000_000_000
const GOP = 25
const KINDS = {
  'H.264 with three B-frames': { codec: 'h264', bFrames: 3 },
  'H.265': { codec: 'h265', bFrames: 0 },
} as const satisfies Record<string, Partial<NumberedFilm>>
const streams = new Map<string, Stream>()
const rings: Ring[] = []
const mediaTools = testMediaTools()
let films = ''
let folder = ''

beforeAll(async () => {
  films = await mkdtemp(join(tmpdir(), 'evidence-films-'))
  for (const [name, film] of Object.entries(KINDS)) {
    const path = join(films, `${name}.mp4`)
    await makeNumberedFilm({ path, frames: 200, gop: GOP, ...film })
    streams.set(name, await fragmentsOf(path, { startedAt: START }))
  }
})
afterAll(() => rm(films, { recursive: true, force: true }))
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evidence-'))
})
afterEach(async () => {
  await Promise.all(rings.splice(0).map((ring) => ring.stop()))
  await rm(folder, { recursive: true, force: true })
})

const streamOf = (kind: string): Stream => {
  const stream = streams.get(kind)
  if (!stream) throw new Error(`no film ${kind}`)
  return stream
}

/** The number that the picture taken at `capturedAt` shows. */
const numberAt = (stream: Stream, capturedAt: number) =>
  stream.fragments.filter((fragment) => fragment.capturedAt < capturedAt).length

function rig() {
  const hub = handHub()
  const clock: Clock = { now: () => START, sleep: systemClock.sleep }
  const metrics = recordingMetrics()
  const ring = createRing({
    ...{ camera: 'cam-1', hub, folder: join(folder, 'ring'), hours: 2, clock, log: silentLog, metrics },
    tuning: { fileMs: 2_000 },
  })
  rings.push(ring)
  const evidence = createEvidenceSource({
    rings: (camera) => (camera === 'cam-1' ? ring : null),
    ...{ mediaTools, folder: join(folder, 'pins'), clock: systemClock, log: silentLog, metrics },
  })
  return { hub, ring, evidence }
}

const feed = (hub: ReturnType<typeof handHub>, fragments: readonly Fragment[]) => {
  for (const fragment of fragments) hub.fragment(fragment)
}

interface Shown {
  readonly numbers: (number | null)[]
  readonly codec: string
  readonly start: number
  readonly duration: number
}

/** What a clip shows, decoded picture by picture. */
async function shown(path: string): Promise<Shown> {
  const probe = [
    '-v',
    'error',
    '-show_entries',
    'stream=codec_name,start_time,duration,width,height',
    '-of',
    'json',
  ]
  const facts = JSON.parse((await run('ffprobe', [...probe, path])).stdout).streams[0]
  const { width, height } = facts
  const args = [
    '-v',
    'error',
    '-i',
    path,
    '-fps_mode',
    'passthrough',
    '-pix_fmt',
    'rgb24',
    '-f',
    'rawvideo',
    'pipe:1',
  ]
  const { stdout, stderr } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1 << 30 })
  expect(stderr.toString()).toBe('')
  const size = width * height * 3
  const numbers = Array.from({ length: stdout.length / size }, (_, n) =>
    readNumber({ rgb: stdout.subarray(n * size, (n + 1) * size), width, height }),
  )
  return {
    numbers,
    codec: facts.codec_name,
    start: Number(facts.start_time),
    duration: Number(facts.duration),
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

it('gives the picture of a file that is closed, and so renamed, between the look and the read', async () => {
  const stream = streamOf('H.265')
  const { hub, ring } = rig()
  hub.init(stream.init)
  feed(hub, stream.fragments)
  await ring.flush()
  let looks = 0
  const renamed: Ring = {
    ...ring,
    recent: () => null,
    files() {
      looks += 1
      const files = ring.files()
      return looks > 1
        ? files
        : files.map((file) => ({ ...file, path: file.path.replace(/_\d+\.mp4$/, '.part.mp4') }))
    },
  }
  const evidence = createEvidenceSource({
    ...{ rings: () => renamed, mediaTools, folder: join(folder, 'pins'), clock: systemClock, log: silentLog },
    metrics: recordingMetrics(),
  })
  await evidence.attach(renamed)
  looks = 0
  const [, fragment] = stream.fragments
  const still = await evidence.still('cam-1', fragment?.capturedAt ?? 0)
  expect(still?.capturedAt).toBe(fragment?.capturedAt)
})

describe.each(Object.keys(KINDS))('%s', (kind) => {
  it('gives the picture nearest to the moment in full resolution, from memory and from files', async () => {
    const stream = streamOf(kind)
    const { hub, evidence, ring } = rig()
    hub.init(stream.init)
    feed(hub, stream.fragments)
    // Nothing is flushed yet: the newest picture is there all the same.
    for (const fragment of [190, 175, 160, 151].map((index) => stream.fragments[index])) {
      if (!fragment) throw new Error('no fragment')
      const still = await evidence.still('cam-1', fragment.capturedAt + 9)
      expect(still?.capturedAt).toBe(fragment.capturedAt)
      expect([still?.width, still?.height]).toEqual([384, 216])
      expect(still && readNumber(still)).toBe(numberAt(stream, fragment.capturedAt))
    }
    await ring.flush()
    for (const fragment of [0, 49, 50, 77, 120].map((index) => stream.fragments[index])) {
      if (!fragment) throw new Error('no fragment')
      const still = await evidence.still('cam-1', fragment.capturedAt - 9)
      expect(still?.capturedAt).toBe(fragment.capturedAt)
      expect(still && readNumber(still)).toBe(numberAt(stream, fragment.capturedAt))
    }
    expect(await evidence.still('cam-1', START - 10_000)).toBeNull()
    expect(await evidence.still('cam-1', START + 60_000)).toBeNull()
    expect(await evidence.still('cam-2', START)).toBeNull()
    expect(mediaTools.running()).toBe(0)
  })

  it('cuts a clip from pinned files, also of those that came later and of those that the ring shed', async () => {
    const stream = streamOf(kind)
    const { hub, evidence, ring } = rig()
    hub.init(stream.init)
    feed(hub, stream.fragments.slice(0, 80))
    await ring.flush()
    const start = stream.fragments[0]?.capturedAt ?? 0
    await evidence.pin('event-1', 'cam-1', start + 2_500)
    feed(hub, stream.fragments.slice(80))
    await ring.flush()
    hub.ended('over')
    await ring.flush()
    await ring.shed(Number.MAX_SAFE_INTEGER)
    expect(ring.files()).toEqual([])
    const path = join(folder, 'clip.mp4')
    const request = { camera: 'cam-1', pinId: 'event-1', from: start + 2_500, to: start + 6_100, path }
    const clip = await evidence.clip(request)
    const seen = await shown(path)
    // From the key frame at or before 2.5 s to the last picture that is not later than 6.1 s, and with B-frames to the
    // later one that it refers to, without a hole before that.
    const last = kind === 'H.265' ? 152 : 154
    expect(seen.numbers).toEqual(range(50, last))
    expect(seen.codec).toBe(kind === 'H.265' ? 'hevc' : 'h264')
    expect(seen.start).toBeCloseTo(0, 1)
    expect(seen.duration).toBeCloseTo((last - 49) / 25, 1)
    expect(clip).toMatchObject({ from: start + 2_000, to: start + last * 40, width: 384, height: 216 })
    const bytes = await readFile(path)
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'))
    expect((await stat(path)).mode & 0o777).toBe(0o640)
    expect((await readdir(folder)).sort()).toEqual(['clip.mp4', 'pins', 'ring'])

    await evidence.unpin('event-1')
    expect(await readdir(join(folder, 'pins'))).toEqual([])
    expect(await evidence.clip(request)).toBeNull()
  })
})

it('keeps pins over a restart and goes on with them when the ring is attached', async () => {
  const stream = streamOf('H.265')
  const start = stream.fragments[0]?.capturedAt ?? 0
  const before = rig()
  before.hub.init(stream.init)
  feed(before.hub, stream.fragments.slice(0, 60))
  await before.ring.flush()
  await before.evidence.pin('event-1', 'cam-1', start)
  // The growing file is pinned under its growing name.
  expect(await readdir(join(folder, 'pins', 'event-1'))).toEqual([
    `${start}_${start}_${start + 1_960}.mp4`,
    `${start}_${start + 2_000}.part.mp4`,
    'pin.json',
  ])
  await before.ring.stop()

  const after = rig()
  await after.evidence.attach(after.ring)
  after.hub.init({ ...stream.init, connection: 2 })
  const shift = 60_000
  feed(
    after.hub,
    stream.fragments
      .slice(0, 60)
      .map((fragment) => ({ ...fragment, capturedAt: fragment.capturedAt + shift })),
  )
  await after.ring.flush()
  await after.ring.stop()
  await after.evidence.pin('event-2', 'cam-1', start + shift)
  const names = await readdir(join(folder, 'pins', 'event-1'))
  expect(names).toEqual([
    `${start}_${start}_${start + 1_960}.mp4`,
    `${start}_${start + 2_000}_${start + 2_360}.mp4`,
    `${start + shift}_${start + shift}_${start + shift + 1_960}.mp4`,
    `${start + shift}_${start + shift + 2_000}_${start + shift + 2_360}.mp4`,
    'pin.json',
  ])
  expect(await readdir(join(folder, 'pins', 'event-2'))).toHaveLength(3)
})

it('never spans two connections: it keeps the one that holds the moment and says what it shows', async () => {
  const stream = streamOf('H.265')
  const start = stream.fragments[0]?.capturedAt ?? 0
  const { hub, evidence, ring } = rig()
  await evidence.pin('event-1', 'cam-1', start)
  hub.init(stream.init)
  feed(hub, stream.fragments.slice(0, 3 * GOP))
  hub.ended('gone')
  hub.init({ ...stream.init, connection: 2 })
  // 5 s later the camera is back, and shows its pictures from number 75 on.
  const back = stream.fragments
    .slice(3 * GOP)
    .map((fragment) => ({ ...fragment, capturedAt: fragment.capturedAt + 5_000 }))
  feed(hub, back)
  await ring.flush()
  const path = join(folder, 'clip.mp4')
  const request = { camera: 'cam-1', pinId: 'event-1', from: start, to: start + 20_000, path }
  const first = await evidence.clip({ ...request, moment: start + 2_800 })
  expect((await shown(path)).numbers).toEqual(range(0, 3 * GOP - 1))
  expect(first).toMatchObject({ from: start, to: start + 2_960 })
  const longest = await evidence.clip(request)
  expect((await shown(path)).numbers).toEqual(range(3 * GOP, 199))
  expect(longest?.from).toBe(start + 8_000)
})

it('gives no still of a damaged picture', async () => {
  const stream = streamOf('H.264 with three B-frames')
  const { hub, evidence } = rig()
  hub.init(stream.init)
  const bad = 4 * GOP
  feed(
    hub,
    stream.fragments
      .slice(0, bad + 10)
      .map((fragment) => (fragment.index === bad ? corrupted(fragment) : fragment)),
  )
  expect(await evidence.still('cam-1', stream.fragments[bad]?.capturedAt ?? 0)).toBeNull()
  const sound = stream.fragments[bad - GOP]
  const still = await evidence.still('cam-1', sound?.capturedAt ?? 0)
  expect(still && readNumber(still)).toBe(numberAt(stream, sound?.capturedAt ?? 0))
})

it('refuses a pin name that is a path', async () => {
  const { evidence } = rig()
  await expect(evidence.pin('../x', 'cam-1', 0)).rejects.toMatchObject({ code: 'invalid' })
})
