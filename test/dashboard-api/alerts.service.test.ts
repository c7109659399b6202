import { afterAll, beforeAll, expect, test } from 'vitest'
import { requestPictures } from '../../alerts/evidence/requests.ts'
import type { Browser, Json } from './browser.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert, insertEvidence, picture } from './matters.ts'

let city: TestDashboard
let operator: Browser
beforeAll(async () => {
  city = await startDashboard()
  operator = await city.as('operator')
})
afterAll(() => city[Symbol.asyncDispose]())

const looksAt = async (alertId: string) =>
  (
    await city.database.query<{ who: string; what: string; purpose: string; reason: string | null }>(
      'select who, what, purpose, reason from looks where object = $1 order by id',
      [`alert:${alertId}`],
    )
  ).rows

test('pages follow each other without gap or double, also when all alerts opened in one microsecond', async () => {
  const openedAt = new Date('2026-01-02T03:04:05.678Z')
  const made: string[] = []
  for (let i = 0; i < 7; i++) made.push(await insertAlert(city.database, { openedAt, type: 'object_left' }))
  await city.database.query(
    "update alerts set opened_at = opened_at + interval '9 microseconds' where id = $1",
    [made[3]],
  )
  const seen: string[] = []
  let next: string | null = ''
  while (next !== null) {
    const page: Json = await operator.json(`/api/alerts?type=object_left&limit=3${next && `&cursor=${next}`}`)
    seen.push(...page.items.map((item: Json) => item.id))
    next = page.next
  }
  expect(seen).toHaveLength(7)
  expect(new Set(seen)).toEqual(new Set(made))
  expect(seen[0]).toBe(made[3])
  expect((await operator.get('/api/alerts?cursor=nonsense')).status).toBe(422)
})

test('filters take several words, and "none" is not judged yet', async () => {
  const id = await insertAlert(city.database, { type: 'crowding' })
  const ids = async (query: string) =>
    (await operator.json(`/api/alerts?type=crowding&${query}`)).items.map((item: Json) => item.id)
  expect(await ids('state=firing,pending&severity=1,2&verdict=none&camera=works-chimney')).toEqual([id])
  expect(await ids('state=resolved')).toEqual([])
  await operator.post(`/api/alerts/${id}/verdict`, { verdict: 'confirmed' })
  expect(await ids('verdict=none')).toEqual([])
  expect(await ids('verdict=confirmed')).toEqual([id])
})

test('a verdict and an acknowledgement are in the answer, with the timeline that tells them', async () => {
  const id = await insertAlert(city.database)
  await operator.post(`/api/alerts/${id}/acknowledge`)
  const refused = await operator.post(`/api/alerts/${id}/verdict`, { verdict: 'rejected' })
  expect(refused.status).toBe(422)
  const answer = await operator.post(`/api/alerts/${id}/verdict`, {
    verdict: 'rejected',
    reason: 'light_or_weather',
  })
  expect(answer.status).toBe(200)
  const detail = (await answer.json()) as Json
  expect(detail).toMatchObject({
    verdict: 'rejected',
    verdictBy: 'operator',
    acknowledgedBy: 'operator',
    zonePolygon: expect.any(Array),
    route: { lead: 'ecology', reachable: true },
  })
  expect(detail.timeline.map((entry: Json) => entry.kind)).toEqual([
    'began',
    'detected',
    'opened',
    'acknowledged',
    'rejected',
  ])
})

test('hostile text comes back as the same text in JSON', async () => {
  const id = await insertAlert(city.database)
  const hostile = '</script><img src=x onerror=alert(1)> =HYPERLINK("http://evil") \u202e𠮷'
  await operator.post(`/api/alerts/${id}/verdict`, { verdict: 'rejected', reason: 'other', note: hostile })
  const answer = await operator.get(`/api/alerts/${id}`)
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  const detail = (await answer.json()) as Json
  expect(detail.timeline.at(-1).detail).toBe(hostile)
  const nul = await operator.post(`/api/alerts/${id}/verdict`, { verdict: 'rejected', reason: 'a\u0000b' })
  expect(nul.status).toBe(422)
})

test('every opening of the still is a looks row and a change, and a cached copy is asked for again', async () => {
  const id = await insertAlert(city.database)
  const missing = await operator.get(`/api/alerts/${id}/still.jpg`)
  expect(missing.status).toBe(404)
  expect(await looksAt(id)).toEqual([])

  const bytes = await picture()
  await insertEvidence(city.database, city.evidenceStore, id, 'still', 'masked', bytes)
  const first = await operator.get(`/api/alerts/${id}/still.jpg`)
  expect(first.status).toBe(200)
  expect(first.headers.get('content-type')).toBe('image/jpeg')
  expect(first.headers.get('cache-control')).toBe('private, no-cache')
  expect(Buffer.from(await first.arrayBuffer())).toEqual(bytes)
  const etag = first.headers.get('etag') ?? ''
  const again = await operator.get(`/api/alerts/${id}/still.jpg?purpose=shift`, {
    'If-None-Match': etag,
    // What a browser sends; Node's fetch would demand a fresh copy.
    'Cache-Control': 'max-age=0',
  })
  expect(again.status).toBe(304)
  expect(await looksAt(id)).toEqual([
    { who: 'operator', what: 'still', purpose: 'environment', reason: null },
    { who: 'operator', what: 'still', purpose: 'shift', reason: null },
  ])
  const { rows } = await city.database.query<{ payload: Json }>(
    "select payload from changes where topic = 'look' and key = $1 order by id",
    [`alert:${id}`],
  )
  expect(rows.map((row) => row.payload.who)).toEqual(['operator', 'operator'])
})

test('thumbnails are small, and a feed that shows one again within the hour writes one row', async () => {
  const id = await insertAlert(city.database)
  await insertEvidence(city.database, city.evidenceStore, id, 'still', 'masked', await picture(1280, 720))
  const thumbs = await Promise.all(
    [1, 2, 3].map(() => operator.get(`/api/alerts/${id}/still.jpg?size=thumb`)),
  )
  for (const thumb of thumbs) expect((await thumb.arrayBuffer()).byteLength).toBeLessThan(3_000)
  expect(await looksAt(id)).toHaveLength(1)
})

test('the unmasked original needs a right and a written reason, and is kept by nobody', async () => {
  const id = await insertAlert(city.database)
  await insertEvidence(city.database, city.evidenceStore, id, 'still', 'masked', await picture())
  await insertEvidence(
    city.database,
    city.evidenceStore,
    id,
    'still',
    'original',
    await picture(640, 360, 200),
  )
  const url = `/api/alerts/${id}/still.jpg?variant=original`
  expect((await operator.get(`${url}&reason=curious`)).status).toBe(403)
  const investigator = await city.as('investigator')
  expect((await investigator.get(url)).status).toBe(422)
  expect(await looksAt(id)).toEqual([])
  const opened = await investigator.get(`${url}&reason=complaint%2017`)
  expect(opened.status).toBe(200)
  expect(opened.headers.get('cache-control')).toBe('private, no-store')
  expect(await looksAt(id)).toMatchObject([{ who: 'investigator', what: 'original', reason: 'complaint 17' }])
})

test('a clip is pending, then there with ranges, then expired; one that failed says why', async () => {
  const id = await insertAlert(city.database)
  const url = `/api/alerts/${id}/clip.mp4`
  expect((await operator.get(url)).status).toBe(404)
  await city.database.query(
    `insert into picture_requests (alert_id, camera, kind, from_at, to_at, moment, state) values ($1, 'works-chimney', 'clip', now(), now(), now(), 'waiting')`,
    [id],
  )
  const pending = await operator.get(url)
  expect(pending.status).toBe(202)
  expect(((await pending.json()) as Json).code).toBe('clip_pending')
  expect(pending.headers.get('retry-after')).toBe('5')

  const film = Buffer.alloc(50_000, 7)
  const evidence = await insertEvidence(city.database, city.evidenceStore, id, 'clip', 'masked', film)
  const part = await operator.get(url, { Range: 'bytes=0-99' })
  expect(part.status).toBe(206)
  expect(part.headers.get('content-range')).toBe('bytes 0-99/50000')
  expect((await part.arrayBuffer()).byteLength).toBe(100)
  // The rest of the same film is the same opening; a part alone is one, too.
  await (await operator.get(url, { Range: 'bytes=100-' })).arrayBuffer()
  await (await (await city.as('auditor')).get(url, { Range: 'bytes=100-' })).arrayBuffer()
  expect((await looksAt(id)).map((row) => row.who)).toEqual(['operator', 'auditor'])
  expect((await operator.get(url, { Range: 'bytes=90000-' })).status).toBeGreaterThanOrEqual(400)

  await city.database.query(
    "update evidence set tombstoned_at = now(), tombstone_reason = 'alert: 30 d' where id = $1",
    [evidence],
  )
  const expired = await operator.get(url)
  expect(expired.status).toBe(410)
  expect(((await expired.json()) as Json).detail).toContain('alert: 30 d')
  expect((await operator.json(`/api/alerts/${id}`)).clip).toBe('expired')

  const failed = await insertAlert(city.database)
  await city.database.query(
    `insert into picture_requests (alert_id, camera, kind, from_at, to_at, moment, state, error) values ($1, 'works-chimney', 'clip', now(), now(), now(), 'failed', 'the ring was overwritten')`,
    [failed],
  )
  const answer = await operator.get(`/api/alerts/${failed}/clip.mp4`)
  expect(answer.status).toBe(404)
  expect(((await answer.json()) as Json).detail).toContain('the ring was overwritten')
})

test("a sensor's alert shows the cameras near it, each with its own still and clip", async () => {
  const id = await insertAlert(city.database, { camera: 'pm-017', type: 'exceedance' })
  await city.database.query("update alerts set source_kind = 'sensor' where id = $1", [id])
  expect(await operator.json(`/api/alerts/${id}`)).toMatchObject({
    still: 'none',
    clip: 'none',
    pictures: [],
  })
  const moment = Date.now()
  const asked = { alertId: id, cameras: ['kitchen', 'works-chimney'], moment, from: moment, to: moment }
  await requestPictures(city.database, { ...asked, kinds: ['still', 'clip'] })
  await requestPictures(city.database, { ...asked, kinds: ['still'] })
  const pending = await operator.json(`/api/alerts/${id}`)
  expect(pending).toMatchObject({ still: 'pending', clip: 'pending' })
  const state = (detail: Json) =>
    detail.pictures.map((p: Json) => [p.camera, p.kind, p.state, p.capturedAt !== null, p.error])
  expect(state(pending)).toEqual([
    ['kitchen', 'still', 'pending', false, null],
    ['kitchen', 'clip', 'pending', false, null],
    ['works-chimney', 'still', 'pending', false, null],
    ['works-chimney', 'clip', 'pending', false, null],
  ])

  const [near, far] = [await picture(64, 36, 40), await picture(64, 36, 200)]
  for (const [camera, bytes] of [['works-chimney', far] as const, ['kitchen', near] as const]) {
    await insertEvidence(city.database, city.evidenceStore, id, 'still', 'masked', bytes, camera)
  }
  await city.database.query(
    `update picture_requests set state = 'failed', error = 'the ring does not cover it'
     where alert_id = $1 and kind = 'clip' and camera = 'kitchen'`,
    [id],
  )
  const detail = await operator.json(`/api/alerts/${id}`)
  expect(detail).toMatchObject({ still: 'ready', clip: 'pending' })
  expect(state(detail)).toEqual([
    ['kitchen', 'still', 'ready', true, null],
    ['kitchen', 'clip', 'failed', false, 'the ring does not cover it'],
    ['works-chimney', 'still', 'ready', true, null],
    ['works-chimney', 'clip', 'pending', false, null],
  ])
  const still = async (query: string) =>
    Buffer.from(await (await operator.get(`/api/alerts/${id}/still.jpg${query}`)).arrayBuffer())
  expect(await still(''), 'the nearest when none is named').toEqual(near)
  expect(await still('?camera=works-chimney')).toEqual(far)
  expect((await operator.get(`/api/alerts/${id}/clip.mp4?camera=works-chimney`)).status).toBe(202)
  const failed = await operator.get(`/api/alerts/${id}/clip.mp4?camera=kitchen`)
  expect([failed.status, ((await failed.json()) as Json).detail]).toEqual([
    404,
    expect.stringContaining('the ring does not cover it'),
  ])
  expect((await operator.get(`/api/alerts/${id}/still.jpg?camera=elsewhere`)).status).toBe(404)
  const { rows } = await city.database.query('select camera, what from looks where object = $1 order by id', [
    `alert:${id}`,
  ])
  expect(rows).toEqual([
    { camera: 'kitchen', what: 'still' },
    { camera: 'works-chimney', what: 'still' },
  ])
})

test('no looks row, no picture', async () => {
  const id = await insertAlert(city.database)
  await insertEvidence(city.database, city.evidenceStore, id, 'still', 'masked', await picture())
  await city.database.query('alter table looks add constraint refuse check (length(purpose) < 100) not valid')
  const answer = await operator.get(`/api/alerts/${id}/still.jpg?purpose=${'x'.repeat(200)}`)
  await city.database.query('alter table looks drop constraint refuse')
  expect(answer.status).toBe(500)
})
