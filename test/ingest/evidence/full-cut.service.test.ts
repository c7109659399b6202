import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../../adapters/clock.ts'
import type { Box } from '../../../core/geometry.ts'
import type { FullCut } from '../../../core/ports/full-resolution.ts'
import type { MediaTools } from '../../../core/ports/media.ts'
import { createFullCuts } from '../../../ingest/evidence/full-cut.ts'
import { decodeStill } from '../../../ingest/evidence/still.ts'
import { createRecent } from '../../../ingest/ring/recent.ts'
import { corrupted, fragmentsOf, type Stream } from '../../support/fragments.ts'
import { recordingMetrics } from '../../support/log.ts'
import { testMediaTools } from '../../support/media-tools.ts'
import { makeNumberedFilm } from '../../support/numbered-film.ts'

const START = 1_700_000_000_000
const REGION: Box = [0.25, 0.2, 0.75, 0.9]
const KINDS = {
  'H.264 with three B-frames': { codec: 'h264', bFrames: 3 },
  'H.265': { codec: 'h265' },
} as const
const mediaTools = testMediaTools()
const streams = new Map<string, Stream>()
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'full-cut-'))
  for (const [name, film] of Object.entries(KINDS)) {
    const path = join(folder, `${name}.mp4`)
    await makeNumberedFilm({ path, frames: 60, gop: 25, ...film })
    streams.set(name, await fragmentsOf(path, { startedAt: START }))
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let skippedMs = 0
const clock = { ...systemClock, now: () => systemClock.now() + skippedMs }

function rig(options: { kind?: string; tools?: MediaTools; analysisWidth?: number; limitMs?: number } = {}) {
  const { kind = 'H.265', tools = mediaTools, analysisWidth = 64, limitMs = 60_000 } = options
  const stream = streams.get(kind)
  if (!stream) throw new Error(`no film ${kind}`)
  const recent = createRecent(64 << 20)
  recent.init(stream.init)
  const metrics = recordingMetrics()
  const cuts = createFullCuts({ mediaTools: tools, clock, metrics, analysisWidth, limitMs })
  return {
    ...{ stream, recent, cuts, full: cuts.of('c', recent.get) },
    count: (result: string, camera = 'c') =>
      metrics.counts.get(`full_cuts_total{camera=${camera},result=${result}}`) ?? 0,
  }
}

/** Mean difference of the cut from the same place of the whole picture, levels. */
async function difference(cut: FullCut, { init, fragments }: Stream, index: number): Promise<number> {
  const key = fragments[index]
  if (!key?.key) throw new Error(`fragment ${index} is no key frame`)
  const ticks = (key.mediaMs * init.timescale) / 1000
  const whole = await decodeStill(
    { init: init.bytes, timescale: init.timescale, coded: [key.bytes], ticks, capturedAt: key.capturedAt },
    mediaTools,
  )
  if (!whole) throw new Error('the whole picture was not decoded')
  const [left, top] = [Math.round(cut.place[0] * whole.width), Math.round(cut.place[1] * whole.height)]
  let sum = 0
  for (let y = 0; y < cut.height; y++)
    for (let x = 0; x < cut.width * 3; x++)
      sum += Math.abs(
        (cut.rgb[y * cut.width * 3 + x] ?? 0) - (whole.rgb[((top + y) * whole.width + left) * 3 + x] ?? 0),
      )
  return sum / cut.rgb.length
}

test.each(Object.keys(KINDS))(
  '%s: the region of the newest key frame, pixel for pixel, once',
  async (kind) => {
    const { stream, recent, full, count } = rig({ kind })
    for (const fragment of stream.fragments.slice(0, 40)) recent.fragment(fragment)
    const cut = await full.cut(REGION, START)
    if (!cut) throw new Error('nothing was cut')
    expect(cut.capturedAt).toBe(stream.fragments[25]?.capturedAt)
    expect(cut.rgb.length).toBe(cut.width * cut.height * 3)
    const { width, height } = stream.init
    const [l, t, r, b] = cut.place
    expect([(r - l) * width, (b - t) * height]).toEqual([
      expect.closeTo(cut.width),
      expect.closeTo(cut.height),
    ])
    for (const [n, side] of cut.place.entries())
      expect(Math.abs(side - (REGION[n] ?? 0))).toBeLessThan(2 / height)
    expect(await difference(cut, stream, 25)).toBeLessThan(1)
    expect(await difference(cut, stream, 0)).toBeGreaterThan(1)

    expect(await full.cut(REGION, START)).toBeNull()
    expect([count('done'), count('no_newer_key')]).toEqual([1, 1])
    for (const fragment of stream.fragments.slice(40)) recent.fragment(fragment)
    expect((await full.cut(REGION, START))?.capturedAt).toBe(stream.fragments[50]?.capturedAt)
  },
)

test('nothing is decoded of a picture that is hardly larger, of an old key frame, and before there is one', async () => {
  const none: MediaTools = {
    spawn() {
      throw new Error('decoded')
    },
  }
  const small = rig({ tools: none, analysisWidth: 10_000 })
  const old = rig({ tools: none })
  expect(await old.full.cut(REGION, START)).toBeNull()
  for (const { recent, stream } of [small, old]) for (const one of stream.fragments) recent.fragment(one)
  expect(await small.full.cut(REGION, START)).toBeNull()
  expect(await old.full.cut(REGION, START + 3_600_000)).toBeNull()
  expect([small.count('not_larger'), old.count('no_newer_key'), old.count('failed')]).toEqual([1, 2, 0])
  // Where ffmpeg cannot be started at all, the look goes on without.
  expect(await old.full.cut(REGION, START)).toBeNull()
  expect(old.count('failed')).toBe(1)
})

test('one at a time a worker: another camera does without meanwhile', async () => {
  const { stream, recent, cuts, full, count } = rig()
  for (const fragment of stream.fragments) recent.fragment(fragment)
  const other = cuts.of('other', recent.get)
  const [mine, theirs] = await Promise.all([full.cut(REGION, START), other.cut(REGION, START)])
  expect([mine === null, theirs]).toEqual([false, null])
  expect(count('busy', 'other')).toBe(1)
  expect(await other.cut(REGION, START)).not.toBeNull()
  expect(count('done', 'other')).toBe(1)
})

test('a damaged key frame is not shown; one that takes too long is not waited for; the next ones come', async () => {
  const { stream, recent, full, count } = rig({ kind: 'H.264 with three B-frames' })
  const key = stream.fragments[0]
  if (!key) throw new Error('no fragment')
  recent.fragment(corrupted(key))
  expect(await full.cut(REGION, START)).toBeNull()
  expect(count('damaged')).toBe(1)
  for (const fragment of stream.fragments) recent.fragment(fragment)
  // Where every picture is a key frame, not every one is tried.
  expect(await full.cut(REGION, START)).toBeNull()
  expect(count('busy')).toBe(1)
  skippedMs += 1_000
  expect(await full.cut(REGION, START)).not.toBeNull()

  const late = rig({ limitMs: 0 })
  for (const fragment of late.stream.fragments) late.recent.fragment(fragment)
  expect(await late.full.cut(REGION, START)).toBeNull()
  expect(late.count('late')).toBe(1)
  // The machine has too much to do already: nothing is tried for a while, by no camera of it.
  expect(await late.cuts.of('other', late.recent.get).cut(REGION, START)).toBeNull()
  expect(late.count('busy', 'other')).toBe(1)
})
