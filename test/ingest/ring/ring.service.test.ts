import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../../adapters/clock.ts'
import type { SharpEyesError } from '../../../core/errors.ts'
import type { Clock } from '../../../core/ports/clock.ts'
import type { Fragment } from '../../../ingest/hub/fragment.ts'
import { createRing, type Ring, type RingTuning } from '../../../ingest/ring/ring.ts'
import { scanRingFile } from '../../../ingest/ring/scan.ts'
import { fragmentsOf, handHub, type Stream } from '../../support/fragments.ts'
import { recordingMetrics, silentLog } from '../../support/log.ts'
import { makeNumberedFilm } from '../../support/numbered-film.ts'

const run = promisify(execFile)
const START = 1_700_000_000_000
const GOP = 25
let films = ''
let folder = ''
let stream: Stream
const rings: Ring[] = []

beforeAll(async () => {
  films = await mkdtemp(join(tmpdir(), 'ring-films-'))
  const path = join(films, 'film.mp4')
  await makeNumberedFilm({ path, frames: 200, gop: GOP, bFrames: 3 })
  stream = await fragmentsOf(path, { startedAt: START })
})
afterAll(() => rm(films, { recursive: true, force: true }))
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ring-'))
})
afterEach(async () => {
  await Promise.all(rings.splice(0).map((ring) => ring.stop()))
  await rm(folder, { recursive: true, force: true })
})

function rig(
  options: { tuning?: Partial<RingTuning>; maxBytes?: number; now?: () => number; folder?: string } = {},
) {
  const hub = handHub()
  const problems: (SharpEyesError | null)[] = []
  const metrics = recordingMetrics()
  const clock: Clock = { now: options.now ?? (() => START), sleep: systemClock.sleep }
  const ring = createRing({
    ...{ camera: 'cam-1', hub, folder: options.folder ?? folder, hours: 2, clock, log: silentLog, metrics },
    ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
    onProblem: (problem) => problems.push(problem),
    tuning: { fileMs: 2_000, ...options.tuning },
  })
  rings.push(ring)
  return { hub, ring, problems, metrics }
}

const feed = (hub: ReturnType<typeof handHub>, fragments: readonly Fragment[]) => {
  for (const fragment of fragments) hub.fragment(fragment)
}

async function numbersOf(path: string): Promise<number> {
  const args = [
    '-v',
    'error',
    '-count_frames',
    '-select_streams',
    'v',
    '-show_entries',
    'stream=nb_read_frames',
  ]
  const { stdout, stderr } = await run('ffprobe', [...args, '-of', 'csv=p=0', path])
  expect(stderr).toBe('')
  return Number(stdout)
}

it('writes files that start with init and key frame, say their times and play as they are', async () => {
  const { hub, ring } = rig()
  hub.init(stream.init)
  feed(hub, stream.fragments)
  hub.ended('over')
  await ring.flush()
  const files = ring.files()
  expect(files).toHaveLength(4)
  expect(new Set(files.map((file) => file.connection))).toEqual(new Set([START + 80]))
  let index = 0
  for (const file of files) {
    expect(file.growing).toBe(false)
    expect(await numbersOf(file.path)).toBe(2 * GOP)
    const scanned = await scanRingFile(file.path)
    expect(scanned?.frames[0]?.key).toBe(true)
    for (const frame of scanned?.frames ?? []) {
      const fragment = stream.fragments[index++]
      expect(frame.capturedAt).toBe(fragment?.capturedAt)
      expect(frame.key).toBe(fragment?.key)
      const bytes = await readFile(file.path)
      expect(
        bytes.subarray(frame.offset, frame.offset + frame.bytes).equals(fragment?.bytes ?? Buffer.alloc(0)),
      ).toBe(true)
    }
    const times = scanned?.frames.map((frame) => frame.capturedAt) ?? []
    expect([file.from, file.to]).toEqual([times[0], Math.max(...times)])
  }
  expect(index).toBe(stream.fragments.length)
})

it('keeps the capture time where the offset to the media time moves within a file', async () => {
  const { hub, ring } = rig()
  hub.init(stream.init)
  const moved = stream.fragments.map((fragment) =>
    fragment.index < 30 ? fragment : { ...fragment, capturedAt: fragment.capturedAt - 700 },
  )
  feed(hub, moved)
  hub.ended('over')
  await ring.flush()
  const frames = await Promise.all(
    ring.files().map(async (file) => (await scanRingFile(file.path))?.frames ?? []),
  )
  expect(frames.flat().map((frame) => frame.capturedAt)).toEqual(moved.map((fragment) => fragment.capturedAt))
})

it('starts a new file with each connection and each jump, and names the stretch', async () => {
  const { hub, ring } = rig()
  hub.init(stream.init)
  feed(hub, stream.fragments.slice(0, GOP))
  hub.ended('gone')
  hub.init({ ...stream.init, connection: 2 })
  const later = stream.fragments.slice(0, 2 * GOP).map((fragment) => ({
    ...fragment,
    connection: 2,
    capturedAt: fragment.capturedAt + (fragment.index < GOP ? 60_000 : 90_000),
    discontinuity: fragment.index === GOP,
  }))
  feed(hub, later)
  hub.ended('gone')
  await ring.flush()
  expect(ring.files().map((file) => file.connection)).toEqual([START + 80, START + 60_080, START + 91_080])
})

it('finds its files again, also one that was torn by a kill', async () => {
  const first = rig()
  first.hub.init(stream.init)
  feed(first.hub, stream.fragments)
  first.hub.ended('over')
  await first.ring.flush()
  const known = first.ring.files()
  await first.ring.stop()
  const last = known.at(-1)
  if (!last) throw new Error('no file')
  // As a kill leaves it: the name of a growing file, half a fragment at the end.
  const torn = join(folder, `${last.connection}_${last.from}.part.mp4`)
  await writeFile(torn, await readFile(last.path))
  await rm(last.path)
  await truncate(torn, last.bytes - 100)
  await writeFile(join(folder, '1_2.part.mp4'), 'nothing of use')
  await writeFile(join(folder, 'notes.txt'), 'not ours')

  const second = rig()
  await second.ring.ready
  const found = second.ring.files()
  expect(found.slice(0, -1)).toEqual(known.slice(0, -1))
  expect(found).toHaveLength(known.length)
  const scanned = await scanRingFile(found.at(-1)?.path ?? '')
  expect(scanned?.frames).toHaveLength(2 * GOP - 1)
  expect((await readdir(folder)).sort()).toEqual(
    [...found.map((file) => file.path.slice(folder.length + 1)), 'notes.txt'].sort(),
  )
})

it('loses at most what was not flushed when its process is killed', async () => {
  const program = join(import.meta.dirname, '../../support/ring-child.ts')
  const child = spawn(process.execPath, [program, join(films, 'film.mp4'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  const names = await readdir(folder)
  expect(names.filter((name) => name.endsWith('.part.mp4'))).toHaveLength(1)

  const { ring } = rig()
  await ring.ready
  let frames = 0
  for (const file of ring.files()) {
    expect(file.growing).toBe(false)
    const scanned = await scanRingFile(file.path)
    expect(scanned?.frames[0]?.key).toBe(true)
    frames += scanned?.frames.length ?? 0
  }
  // Flushed every 20 ms, a fragment comes every 2 ms or more.
  expect(frames).toBeGreaterThanOrEqual(Number(String(said).trim().split('\n').at(-1)) - 2 * GOP)
})

it('has what was flushed on disk before the file is closed', async () => {
  const { hub, ring } = rig()
  hub.init(stream.init)
  feed(hub, stream.fragments.slice(0, 30))
  await ring.flush()
  const [file] = ring.files()
  expect(file?.growing).toBe(true)
  expect((await scanRingFile(file?.path ?? ''))?.frames).toHaveLength(30)
})

it('lets the oldest files go: by age, by budget and when asked', async () => {
  let now = START
  const { hub, ring } = rig({ now: () => now })
  hub.init(stream.init)
  feed(hub, stream.fragments)
  await ring.flush()
  const before = ring.files()
  expect(before).toHaveLength(4)
  expect(await ring.shed(1)).toBe(before[0]?.bytes)
  expect(ring.files().map((file) => file.from)).toEqual(before.slice(1).map((file) => file.from))
  now = START + 2 * 3_600_000 + 4_500
  hub.ended('over')
  await ring.flush()
  expect(ring.files().map((file) => file.from)).toEqual(before.slice(2).map((file) => file.from))
  expect((await readdir(folder)).length).toBe(2)

  const budget = (before[0]?.bytes ?? 0) * 2
  const small = rig({ maxBytes: budget, folder: join(folder, 'small') })
  small.hub.init(stream.init)
  feed(small.hub, stream.fragments)
  small.hub.ended('over')
  await small.ring.flush()
  expect(small.ring.bytes).toBeLessThanOrEqual(budget)
  expect(small.ring.files().at(-1)?.from).toBe(before.at(-1)?.from)
})

it('drops up to the next key frame when the disk hangs, and starts a new file there', async () => {
  const few = 12
  const bound = stream.fragments.slice(0, few).reduce((sum, fragment) => sum + fragment.bytes.length, 0)
  const { hub, ring, metrics } = rig({ tuning: { maxQueueBytes: bound } })
  hub.init(stream.init)
  // Nothing is written before this turn of the loop ends, so the queue takes no more than its bound.
  feed(hub, stream.fragments.slice(0, GOP))
  await ring.flush()
  feed(hub, stream.fragments.slice(GOP, GOP + 2))
  hub.ended('over')
  await ring.flush()
  expect(metrics.counts.get('ring_dropped_total{camera=cam-1,why=no_key_frame_or_full}')).toBe(GOP - few)
  const lengths = await Promise.all(
    ring.files().map(async (file) => (await scanRingFile(file.path))?.frames.length),
  )
  expect(lengths).toEqual([few, 2])
})

it('outlives a full disk: sheds, counts, says so once, and records again', async (context) => {
  const disk = join(folder, 'disk')
  try {
    await run('mkdir', [disk])
    await run('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk])
  } catch {
    return context.skip('needs the right to mount a tmpfs')
  }
  try {
    const { hub, ring, problems, metrics } = rig({ folder: join(disk, 'cam-1'), tuning: { fileMs: 500 } })
    hub.init(stream.init)
    for (let round = 0; round < 8; round++) {
      for (const fragment of stream.fragments) {
        const shift = round * 8_000
        const ticks = (shift * stream.init.timescale) / 1000
        hub.fragment({
          ...fragment,
          index: fragment.index + round * 200,
          decodeTime: fragment.decodeTime + ticks,
          mediaMs: fragment.mediaMs + shift,
          capturedAt: fragment.capturedAt + shift,
        })
        if (fragment.index % GOP === 0) await ring.flush()
      }
      if (round === 1) await writeFile(join(disk, 'ballast'), Buffer.alloc(100 << 10)).catch(() => undefined)
    }
    await ring.flush()
    expect(problems[0]?.code).toBe('disk_full')
    expect(problems[0]?.message).toContain('camera cam-1')
    expect(problems.includes(null)).toBe(true)
    expect(metrics.counts.get('ring_dropped_total{camera=cam-1,why=disk}')).toBeGreaterThan(0)
    expect(metrics.counts.get('ring_files_removed_total{camera=cam-1}')).toBeGreaterThan(0)
    for (const file of ring.files()) {
      if (file.growing) continue
      const scanned = await scanRingFile(file.path)
      // No torn fragment stays behind in a closed file.
      expect(scanned?.usable).toBe((await stat(file.path)).size)
    }
    // What was there last is recorded.
    const newest = Math.max(...ring.files().map((file) => file.to))
    expect(newest).toBeGreaterThan(START + 60_000)
    await ring.stop()
  } finally {
    await run('umount', [disk])
  }
})
