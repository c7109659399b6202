import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RecordingPart } from '../../core/ports/recordings.ts'
import { decodePart } from '../../core/recording-wire.ts'
import { readNumber } from '../support/numbered-film.ts'
import { type RecordingWorker, startRecordingWorker } from '../support/recording-worker.ts'
import type { Browser, Json } from './browser.ts'
import type { TestDashboard } from './dashboard.ts'
import { insertAlert } from './matters.ts'
import { startWithRecordings, watched } from './recordings-fixture.ts'

const FRAMES = 200
const CAMERA = 'works-chimney'
let worker: RecordingWorker
let city: TestDashboard
/** Two connections of eight seconds, with 12 s between them. */
const first = Math.round(Date.now() / 1_000) * 1_000 - 60_000
const second = first + 20_000

beforeAll(async () => {
  // With B-frames: pictures come in another order than they are shown in.
  worker = await startRecordingWorker([CAMERA, 'kitchen'], { frames: FRAMES, bFrames: 2 })
  city = await startWithRecordings(worker)
  for (const at of [first, second]) await worker.record(CAMERA, at)
  await worker.record('kitchen', first)
  for (const camera of [CAMERA, 'kitchen']) {
    await watched(city, { camera, from: first - 5_000, to: first + 8_000 })
    await watched(city, { camera, from: first + 8_000, to: first + 19_000, state: 'offline' })
    await watched(city, { camera, from: first + 19_000, to: second + 8_500 })
  }
})
afterAll(async () => {
  await city[Symbol.asyncDispose]()
  await worker[Symbol.asyncDispose]()
})

const iso = (at: number) => new Date(at).toISOString()
const partPath = (at: number, ms = 3_000, camera = CAMERA, more = '') =>
  `/api/cameras/${camera}/recordings/part?at=${iso(at)}&ms=${ms}${more}`
const rangesPath = (from: number, to: number, camera = CAMERA) =>
  `/api/cameras/${camera}/recordings?from=${iso(from)}&to=${iso(to)}`
const previewPath = (at: number, camera = CAMERA) => `/api/cameras/${camera}/preview.jpg?at=${iso(at)}`

async function partOf(browser: Browser, path: string): Promise<RecordingPart> {
  const response = await browser.get(path)
  expect(response.status, path).toBe(200)
  return decodePart(new Uint8Array(await response.arrayBuffer()))
}

/** What a player of these parts shows, picture by picture, in the order of time. */
async function numbersOf(parts: readonly RecordingPart[]): Promise<(number | null)[]> {
  const path = join(worker.folder, `played-${Math.random()}.mp4`)
  const bytes = [parts[0]?.init ?? [], ...parts.flatMap((part) => part.fragments.map((one) => one.bytes))]
  await writeFile(path, Buffer.concat(bytes as Uint8Array[]))
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
  const { stdout, stderr } = await promisify(execFile)('ffmpeg', args, {
    encoding: 'buffer',
    maxBuffer: 1 << 30,
  })
  expect(stderr.toString()).toBe('')
  const { width, height } = parts[0] ?? { width: 1, height: 1 }
  const size = width * height * 3
  return Array.from({ length: stdout.length / size }, (_, n) =>
    readNumber({ rgb: stdout.subarray(n * size, (n + 1) * size), width, height }),
  )
}

test('tells what was recorded and analysed, and why there is nothing in between', async () => {
  const operator = await city.as('operator')
  const found: Json = await operator.json(rangesPath(first - 10_000, second + 12_000))
  const end = (FRAMES - 1) * 40
  expect(found.recorded).toEqual([
    { from: iso(first), to: iso(first + end) },
    { from: iso(second), to: iso(second + end) },
  ])
  expect(found.show).toBe('video')
  expect(
    found.gaps.map(({ from, to, cause }: Json) => [Date.parse(from) - first, Date.parse(to) - first, cause]),
  ).toEqual([
    [-10_000, -5_000, 'unassigned'],
    [-5_000, 0, 'lost'],
    [end, 8_000, 'lost'],
    [8_000, 19_000, 'offline'],
    [19_000, 20_000, 'lost'],
    [20_000 + end, 28_500, 'lost'],
    [28_500, 32_000, 'unassigned'],
  ])
  expect(
    found.analysed.map(({ from, to }: Json) => [Date.parse(from) - first, Date.parse(to) - first]),
  ).toEqual([
    [-5_000, 8_000],
    [19_000, 28_500],
  ])
})

test('plays from any moment on: every picture once, with the time at which it was taken', async () => {
  const investigator = await city.as('investigator')
  const parts: RecordingPart[] = []
  for (let at: number | null = first + 2_500; at !== null; at = parts.at(-1)?.next ?? null)
    parts.push(await partOf(investigator, partPath(at)))
  expect(parts.length).toBeGreaterThan(1)
  expect(new Set(parts.map(({ connection }) => connection)).size).toBe(1)
  expect(parts.every(({ fragments }) => fragments[0]?.key)).toBe(true)
  const times = parts
    .flatMap(({ fragments }) => fragments.map(({ capturedAt }) => capturedAt))
    .sort((a, b) => a - b)
  // From the key frame at second two on.
  expect(times).toEqual(Array.from({ length: FRAMES - 50 }, (_, n) => first + (50 + n) * 40))
  expect(await numbersOf(parts)).toEqual(Array.from({ length: FRAMES - 50 }, (_, n) => 50 + n))

  const other = await partOf(investigator, partPath(second + 100))
  expect(other.connection).not.toBe(parts[0]?.connection)
  expect((await numbersOf([other]))[0]).toBe(0)
  const gap = await investigator.get(partPath(first + 12_000))
  expect([gap.status, ((await gap.json()) as Json).code]).toEqual([404, 'not_found'])
})

test('a preview is the key frame before the moment, masked, and small', async () => {
  const operator = await city.as('operator')
  const answer = await operator.get(previewPath(first + 4_980))
  expect(answer.status).toBe(200)
  expect(Date.parse(answer.headers.get('x-captured-at') ?? '')).toBe(first + 4_000)
  const { data, info } = await sharp(Buffer.from(await answer.arrayBuffer()))
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect(info.width).toBe(320)
  // The camera's masking is `heads`, and no finder of heads is loaded: the fine texture below the numbers is gone.
  const row = Math.round(info.height * 0.8) * info.width * 3
  const values = Array.from({ length: info.width - 1 }, (_, x) =>
    Math.abs((data[row + x * 3] ?? 0) - (data[row + x * 3 + 3] ?? 0)),
  )
  expect(values.filter((step) => step > 12).length).toBeLessThan(40)
  expect((await operator.get(previewPath(first + 30_000))).status).toBe(404)
})

test('a camera with privacy masks has no plain recording, only masked pictures', async () => {
  const operator = await city.as('operator')
  const refused = await operator.get(partPath(first, 3_000, 'kitchen'))
  expect([refused.status, ((await refused.json()) as Json).details]).toEqual([403, { show: 'stills' }])
  expect(((await operator.json(rangesPath(first, second, 'kitchen'))) as Json).show).toBe('stills')
  expect((await operator.get(previewPath(first + 1_000, 'kitchen'))).status).toBe(200)
})

test('one row of looks for an opening with many parts, with who, why and for which case', async () => {
  await city.database.query('delete from looks')
  const verifier = await city.as('verifier')
  for (const at of [0, 2_000, 4_000])
    await partOf(verifier, partPath(first + at, 1_000, CAMERA, '&purpose=复核'))
  await verifier.get(`${previewPath(first + 4_000)}&purpose=复核`)
  const { rows } = await city.database.query(
    'select who, what, object, camera, purpose, case_no, reason from looks',
  )
  expect(rows).toEqual([
    {
      ...{ who: 'verifier', what: 'recording', object: `camera:${CAMERA}`, camera: CAMERA },
      ...{ purpose: '复核', case_no: null, reason: `from ${iso(first)}` },
    },
  ])
  const unknown = await verifier.get(partPath(first, 1_000, CAMERA, '&case=2026-999999'))
  expect(unknown.status).toBe(404)
})

test('an officer sees the recordings of cameras of own open cases, from the time of the case on', async () => {
  const officer = await city.as('officer')
  for (const path of [rangesPath(first, second), partPath(first), previewPath(first)])
    expect((await officer.get(path)).status, path).toBe(404)
  const alertId = await insertAlert(city.database, { openedAt: new Date(second + 15_000) })
  const operator = await city.as('operator')
  const filed = (await (await operator.post('/api/cases', { alertId })).json()) as Json
  // The hazard began ten seconds before its alert, and a minute before belongs to it.
  await city.database.query('update alerts set since = $2 where id = $1', [
    alertId,
    new Date(second + 62_000),
  ])
  const early = await officer.get(partPath(first + 4_000))
  expect([early.status, ((await early.json()) as Json).details.visibleFrom]).toEqual([
    403,
    iso(second + 2_000),
  ])
  expect((await officer.get(previewPath(first))).status).toBe(403)
  expect((await officer.get(partPath(second + 3_000, 1_000, CAMERA, `&case=${filed.no}`))).status).toBe(200)
  const ranges: Json = await officer.json(rangesPath(first, second + 12_000))
  expect(ranges.gaps[0]).toMatchObject({ cause: 'hidden', from: iso(first), to: iso(second + 2_000) })
  expect(ranges.recorded).toEqual([{ from: iso(second + 2_000), to: iso(second + (FRAMES - 1) * 40) }])
  const stranger = await city.as('market.officer')
  expect((await stranger.get(partPath(second + 3_000))).status).toBe(404)
})

test('the recordings of a camera that went to another worker are still found on the disk of the former', async () => {
  await worker.letGo(CAMERA)
  const operator = await city.as('operator')
  const found: Json = await operator.json(rangesPath(first, second + 8_000))
  expect(found.recorded).toHaveLength(2)
  expect((await numbersOf([await partOf(operator, partPath(first + 3_000))]))[0]).toBe(75)
})

test('a worker that is away is the cause of the gap, with its name', async () => {
  await city.database.query("update workers set last_seen = now() - interval '1 minute'")
  const operator = await city.as('operator')
  const found: Json = await operator.json(rangesPath(first, first + 7_000))
  expect(found.recorded).toEqual([])
  expect(found.gaps).toEqual([{ from: iso(first), to: iso(first + 7_000), cause: 'away', worker: 'w1' }])
  expect((await operator.get(partPath(first))).status).toBe(404)
})
