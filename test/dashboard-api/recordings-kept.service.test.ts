import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createPictureWork } from '../../alerts/evidence/work.ts'
import { makeNext, removePins } from '../../app/worker/picture-maker.ts'
import { pinnedBytes } from '../../ingest/evidence/pins.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { readNumber } from '../support/numbered-film.ts'
import { type RecordingWorker, startRecordingWorker } from '../support/recording-worker.ts'
import type { Json } from './browser.ts'
import type { TestDashboard } from './dashboard.ts'
import { insertAlert } from './matters.ts'
import { startWithRecordings, watched } from './recordings-fixture.ts'

const CAMERA = 'works-chimney'
const first = Math.round(Date.now() / 1_000) * 1_000 - 60_000
const second = first + 10_000
let worker: RecordingWorker
let city: TestDashboard
let deps: Parameters<typeof makeNext>[0]

beforeAll(async () => {
  worker = await startRecordingWorker([CAMERA])
  city = await startWithRecordings(worker)
  for (const at of [first, second]) await worker.record(CAMERA, at)
  await watched(city, { camera: CAMERA, from: first - 1_000, to: second + 8_000 })
  const metrics = recordingMetrics()
  deps = {
    work: createPictureWork({ database: city.database, clock: systemClock, metrics }),
    ...{ worker: 'w1', source: worker.source, masker: worker.masker, store: city.evidenceStore },
    ...{ workFolder: worker.folder, clock: systemClock, log: silentLog, metrics },
  }
})
afterAll(async () => {
  await city[Symbol.asyncDispose]()
  await worker[Symbol.asyncDispose]()
})

const iso = (at: number) => new Date(at).toISOString()
const keep = async (who: string, body: object) =>
  (await city.as(who)).post(`/api/cameras/${CAMERA}/recordings/keep`, body)
const makeAll = async () => {
  while (await makeNext(deps, new AbortController().signal));
}

async function numbersOf(bytes: ArrayBuffer): Promise<(number | null)[]> {
  const path = join(worker.folder, `clip-${Math.random()}.mp4`)
  await writeFile(path, Buffer.from(bytes))
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
  const { stdout } = await promisify(execFile)('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1 << 30 })
  const size = 384 * 216 * 3
  return Array.from({ length: stdout.length / size }, (_, n) =>
    readNumber({ rgb: stdout.subarray(n * size, (n + 1) * size), width: 384, height: 216 }),
  )
}

test('a range over a reconnect becomes clips with a manifest, whatever the ring sheds meanwhile', async () => {
  const from = first + 3_000
  const to = second + 2_000
  const answer = await keep('investigator', { from: iso(from), to: iso(to), reason: '交通纠纷取证' })
  expect(answer.status).toBe(201)
  const kept = (await answer.json()) as Json
  expect(kept).toMatchObject({
    camera: CAMERA,
    from: iso(from),
    to: iso(to),
    caseNo: null,
    keptBy: 'investigator',
  })
  expect(kept.pieces).toMatchObject([
    { piece: 1, from: iso(from), to: iso(first + 7_960), state: 'waiting', masked: null },
    { piece: 2, from: iso(second), to: iso(to), state: 'waiting', masked: null },
  ])
  const investigator = await city.as('investigator')
  const early = await investigator.get(`/api/recordings/${kept.id}/clip.mp4`)
  expect([early.status, ((await early.json()) as Json).code]).toEqual([202, 'clip_pending'])
  expect(await worker.source.pinned()).toHaveLength(2)
  await worker.ring(CAMERA).shed(Number.MAX_SAFE_INTEGER)
  await makeAll()
  expect(await worker.source.pinned()).toEqual([])

  const done: Json = await investigator.json(`/api/recordings/${kept.id}`)
  expect(done.pieces.map(({ state, error }: Json) => [state, error])).toEqual([
    ['done', null],
    ['done', null],
  ])
  expect(done.pieces[0]).toMatchObject({ from: iso(first + 3_000), to: iso(first + 7_960) })
  const clip = await investigator.get(`/api/recordings/${kept.id}/clip.mp4`)
  expect([clip.status, clip.headers.get('content-type')]).toEqual([200, 'video/mp4'])
  const masked = await clip.arrayBuffer()
  expect(createHash('sha256').update(Buffer.from(masked)).digest('hex')).toBe(done.pieces[0].masked.sha256)
  const path = `/api/recordings/${kept.id}/clip.mp4?piece=2&variant=original`
  expect((await investigator.get(path)).status, 'without a reason').toBe(422)
  expect((await (await city.as('operator')).get(`${path}&reason=复核`)).status).toBe(403)
  const original = await investigator.get(`${path}&reason=复核`)
  expect(await numbersOf(await original.arrayBuffer())).toEqual(Array.from({ length: 51 }, (_, n) => n))
  const { rows } = await city.database.query('select who, what, object, reason from looks order by id')
  expect(rows).toEqual([
    { who: 'investigator', what: 'kept', object: `camera:${CAMERA}`, reason: '交通纠纷取证' },
    { who: 'investigator', what: 'clip', object: `recording:${kept.id}`, reason: null },
    { who: 'investigator', what: 'original', object: `recording:${kept.id}`, reason: '复核' },
  ])
})

test('of a case it is the evidence of the case, and its officers see it; others and officers of none do not', async () => {
  await worker.record(CAMERA, first)
  const alertId = await insertAlert(city.database, { openedAt: new Date(first) })
  const operator = await city.as('operator')
  const { no } = (await (await operator.post('/api/cases', { alertId })).json()) as Json
  const body = { from: iso(first), to: iso(first + 2_000), reason: '案件取证', caseNo: no }
  const kept = (await (await keep('operator', body)).json()) as Json
  await makeAll()
  const owners = await city.database.query(
    "select distinct owner_kind, owner_id from evidence where meta ->> 'recording' = $1",
    [kept.id],
  )
  expect(owners.rows).toEqual([{ owner_kind: 'case', owner_id: no }])
  // The same range once more: the same bytes, one piece of evidence, and both tell of it.
  const again = (await (await keep('operator', body)).json()) as Json
  await makeAll()
  for (const { id } of [kept, again])
    expect((await operator.json(`/api/recordings/${id}`)).pieces[0]).toMatchObject({
      state: 'done',
      masked: { deleted: false },
    })

  const officer = await city.as('officer')
  expect((await officer.json(`/api/recordings?case=${no}`)).items.map(({ id }: Json) => id)).toEqual([
    again.id,
    kept.id,
  ])
  expect((await officer.json(`/api/recordings?camera=${CAMERA}`)).items).toHaveLength(2)
  expect((await operator.json(`/api/recordings?camera=${CAMERA}`)).items).toHaveLength(3)
  expect((await officer.get(`/api/recordings/${kept.id}/clip.mp4`)).status).toBe(200)
  const stranger = await city.as('market.officer')
  expect((await stranger.get(`/api/recordings/${kept.id}`)).status).toBe(404)
  expect((await stranger.get(`/api/recordings?case=${no}`)).status).toBe(404)
  expect((await stranger.json(`/api/recordings?camera=${CAMERA}`)).items).toEqual([])
})

test('what cannot be kept says why', async () => {
  const asked = async (who: string, body: object) => {
    const answer = await keep(who, { from: iso(first), to: iso(first + 2_000), reason: '取证', ...body })
    return [answer.status, ((await answer.json()) as Json).detail]
  }
  expect(await asked('operator', { to: iso(first) })).toEqual([422, 'from: is not before "to"'])
  expect((await asked('operator', { to: iso(first + 601_000) }))[1]).toContain('at most 10 minutes')
  expect((await asked('operator', { reason: 'x' }))[0]).toBe(422)
  expect((await asked('operator', { caseNo: '2026-999999' }))[0]).toBe(404)
  const empty = { from: iso(first - 60_000), to: iso(first - 50_000) }
  expect((await asked('operator', empty))[1]).toContain('has no recording of this time')
  expect((await asked('verifier', {}))[0]).toBe(403)
})

test('a pin that came after its clip was made is removed', async () => {
  const kept = await city.database.query<{ id: string }>(
    "select id from picture_requests where state = 'done' limit 1",
  )
  const id = kept.rows[0]?.id ?? ''
  await worker.source.pin(id, CAMERA, first)
  await removePins(deps)
  expect(await worker.source.pinned()).toEqual([])
})

/** As after five attempts; the ids of its pieces. */
async function fail(recording: string): Promise<string[]> {
  const { rows } = await city.database.query<{ id: string }>(
    "update picture_requests set state = 'failed', error = 'the disk was away' where recording = $1 returning id::text",
    [recording],
  )
  return rows.map(({ id }) => id)
}

test('what could not be cut of a recording that is held stays on the disk, and no later recording with it', async () => {
  const range = { from: iso(first + 1_000), to: iso(first + 3_000), reason: '事故取证' }
  const kept = (await (await keep('investigator', range)).json()) as Json
  const pins = await fail(kept.id)
  expect(await worker.source.pinned()).toEqual(pins)
  const pinFolder = join(worker.folder, 'pins')
  const before = await pinnedBytes(pinFolder)
  expect(before).toBeGreaterThan(0)
  const investigator = await city.as('investigator')
  const hold = (await (
    await investigator.post(`/api/recordings/${kept.id}/holds`, { reason: '交警调取' })
  ).json()) as Json
  expect(hold.gone, 'it was tried once more for the hold').toBe(1)
  await fail(kept.id)
  await worker.record(CAMERA, second + 10_000)
  await removePins(deps)
  expect(await worker.source.pinned()).toEqual(pins)
  expect(await pinnedBytes(pinFolder)).toBe(before)
  expect((await investigator.json(`/api/recordings/${kept.id}`)).holds).toMatchObject([
    { id: hold.id, reason: '交警调取', releasedAt: null },
  ])
  expect(await investigator.json('/api/holds')).toMatchObject({
    open: 1,
    items: [{ id: hold.id, owner: { kind: 'recording', id: kept.id, camera: CAMERA, from: range.from } }],
  })
  const released = await investigator.fetch(`/api/recordings/${kept.id}/holds/${hold.id}`, {
    method: 'DELETE',
    headers: { 'X-Sharp-Eyes': '1', 'Content-Type': 'application/json' },
    body: JSON.stringify({ reason: '已移交' }),
  })
  expect(released.status).toBe(204)
  await removePins(deps)
  expect(await worker.source.pinned()).toEqual([])
  expect(await investigator.json('/api/holds')).toMatchObject({
    open: 0,
    items: [{ releaseReason: '已移交' }],
  })
})

test('a hold on what had failed and lost its pin says so, and has it tried once more', async () => {
  const investigator = await city.as('investigator')
  const lost = async (from: number, more: object = {}) => {
    const body = { from: iso(from), to: iso(from + 2_000), reason: '事故取证', ...more }
    const kept = (await (await keep('investigator', body)).json()) as Json
    const pins = await fail(kept.id)
    await removePins(deps)
    expect(await worker.source.pinned()).toEqual([])
    return { id: kept.id as string, pins }
  }
  const hold = async (owner: string) => {
    const answer = await investigator.post(`/api/${owner}/holds`, { reason: '交警调取' })
    return [answer.status, ((await answer.json()) as Json).gone]
  }
  const pieceOf = async (id: string) => (await investigator.json(`/api/recordings/${id}`)).pieces[0]

  const there = await lost(first + 1_000)
  const broken = { ...deps, masker: { ...worker.masker, clip: () => Promise.reject(new Error('broke')) } }
  expect(await hold(`recordings/${there.id}`)).toEqual([201, 1])
  expect(await pieceOf(there.id)).toMatchObject({ state: 'waiting' })
  await makeNext(broken, new AbortController().signal)
  await fail(there.id)
  await removePins(deps)
  expect(await worker.source.pinned(), 'what the disk had is kept again').toEqual(there.pins)
  await worker.ring(CAMERA).shed(Number.MAX_SAFE_INTEGER)
  expect(await hold(`recordings/${there.id}`)).toEqual([201, 1])
  await makeAll()
  expect(await pieceOf(there.id)).toMatchObject({ state: 'done', error: null, masked: { deleted: false } })
  expect(await hold(`recordings/${there.id}`)).toEqual([201, 0])

  await worker.record(CAMERA, second)
  const alertId = await insertAlert(city.database, { openedAt: new Date(second) })
  const { no } = (await (await (await city.as('operator')).post('/api/cases', { alertId })).json()) as Json
  const away = await lost(second + 1_000, { caseNo: no })
  await worker.ring(CAMERA).shed(Number.MAX_SAFE_INTEGER)
  expect(await hold(`cases/${no}`)).toEqual([201, 1])
  await makeAll()
  expect(await pieceOf(away.id)).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('the recording does not cover it'),
  })
})

test("an officer finds the department's behind a hundred newer ones that belong to no case", async () => {
  const officer = await city.as('officer')
  const list = async () =>
    (await officer.json(`/api/recordings?camera=${CAMERA}`)).items.map(({ id }: Json) => id)
  const before = await list()
  expect(before.length).toBeGreaterThan(0)
  await city.database.query(
    `insert into kept_recordings (id, camera, from_at, to_at, reason, kept_by)
     select gen_random_uuid(), $1, now() - interval '2 minutes', now() - interval '1 minute', '演练', 'operator'
       from generate_series(1, 100)`,
    [CAMERA],
  )
  expect(await list()).toEqual(before)
})
