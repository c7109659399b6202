import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser, Json } from './browser.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert, picture } from './matters.ts'

let city: TestDashboard
let operator: Browser
let officer: Browser
let verifier: Browser
beforeAll(async () => {
  city = await startDashboard()
  operator = await city.as('operator')
  officer = await city.as('officer')
  verifier = await city.as('verifier')
})
afterAll(() => city[Symbol.asyncDispose]())

async function file(): Promise<string> {
  const alertId = await insertAlert(city.database)
  const answer = await operator.post('/api/cases', { alertId })
  expect(answer.status).toBe(201)
  const filed = (await answer.json()) as Json
  expect(filed).toMatchObject({ state: 'pending_accept', version: expect.any(Number) })
  return filed.no
}

async function upload(
  browser: Browser,
  no: string,
  bytes: Uint8Array,
  name = 'after.jpg',
): Promise<Response> {
  const form = new FormData()
  form.append('file', new Blob([Buffer.from(bytes)], { type: 'image/jpeg' }), name)
  return browser.post(`/api/cases/${no}/attachments`, form)
}

async function command(browser: Browser, no: string, body: object): Promise<Json> {
  const { version } = await browser.json(`/api/cases/${no}`)
  const answer = await browser.post(`/api/cases/${no}/commands`, { version, ...body })
  expect(answer.status, JSON.stringify(body)).toBe(200)
  return answer.json()
}

test('a case goes from filing to closed over HTTP, and its log tells all of it', async () => {
  const no = await file()
  expect((await officer.json('/api/cases?mine=true')).items.map((item: Json) => item.no)).toContain(no)
  await command(officer, no, { kind: 'accept' })
  const photo = (await (await upload(officer, no, await picture())).json()) as Json
  await command(officer, no, { kind: 'report', note: '已清理', attachments: [photo.id] })
  expect((await officer.json('/api/cases?mine=true')).items.map((item: Json) => item.no)).not.toContain(no)
  expect((await verifier.json('/api/cases?mine=true')).items.map((item: Json) => item.no)).toContain(no)
  const { version } = await verifier.json(`/api/cases/${no}`)
  const unseen = { kind: 'verify', version, passed: true, note: 'seen', attachments: [photo.id] }
  const refused = await verifier.post(`/api/cases/${no}/commands`, unseen)
  expect(refused.status).toBe(422)
  expect(((await refused.json()) as Json).details).toMatchObject({
    missing: 'evidence',
    recheck: 'not_watched',
  })
  const proof = (await (await upload(verifier, no, await picture(320, 200), 'seen.jpg')).json()) as Json
  await command(verifier, no, { kind: 'verify', passed: true, note: 'seen', attachments: [proof.id] })
  const closed = await command(operator, no, { kind: 'close', reason: 'fixed' })
  expect(closed.state).toBe('closed')
  expect(closed.log.map((entry: Json) => entry.kind)).toEqual(
    expect.arrayContaining(['file', 'dispatch', 'accept', 'attachment', 'report', 'verify', 'close']),
  )
  expect(closed.attachments).toMatchObject([
    { id: photo.id, by: 'officer' },
    { id: proof.id, by: 'verifier' },
  ])
  expect(closed.moves.find((move: Json) => move.kind === 'reopen')).toMatchObject({ allowed: true })
})

test('checks come in the order rights, version, content', async () => {
  const no = await file()
  const nonsense = { kind: 'accept', version: 99, surplus: true }
  expect((await operator.post(`/api/cases/${no}/commands`, nonsense)).status).toBe(403)
  const stale = await officer.post(`/api/cases/${no}/commands`, nonsense)
  expect(stale.status).toBe(409)
  expect(((await stale.json()) as Json).details).toMatchObject({ state: 'pending_accept' })
  const { version } = await officer.json(`/api/cases/${no}`)
  const malformed = await officer.post(`/api/cases/${no}/commands`, { ...nonsense, version })
  expect(malformed.status).toBe(422)
  const early = await officer.post(`/api/cases/${no}/commands`, { kind: 'report', version })
  expect(early.status).toBe(409)
  expect((await operator.post('/api/cases', { type: 'plume' })).status).toBe(422)
})

test('a case by hand needs no alert', async () => {
  const answer = await operator.post('/api/cases', { type: 'litter', place: '东关路', note: 'a heap' })
  expect(answer.status).toBe(201)
  const { no } = (await answer.json()) as Json
  const detail = await operator.json(`/api/cases/${no}`)
  expect(detail).toMatchObject({ alertId: null, alert: null, place: { address: '东关路' } })
})

test('pages of cases follow each other', async () => {
  for (let i = 0; i < 3; i++) await file()
  const all = (await operator.json('/api/cases?limit=200')).items.map((item: Json) => item.no)
  const seen: string[] = []
  let next: string | null = ''
  while (next !== null) {
    const page: Json = await operator.json(`/api/cases?limit=2${next && `&cursor=${next}`}`)
    seen.push(...page.items.map((item: Json) => item.no))
    next = page.next
  }
  expect(seen).toEqual(all)
  expect((await operator.json('/api/cases?department=market')).items).toEqual([])
})

test('an uploaded picture is kept byte for byte and served by the rights of its case', async () => {
  const no = await file()
  const bytes = await picture(320, 240)
  const answer = await upload(officer, no, bytes, '../../处置后 "1".jpg')
  expect(answer.status).toBe(201)
  const { id, sha256 } = (await answer.json()) as Json
  expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
  const served = await officer.get(`/api/cases/${no}/attachments/${id}`)
  expect(served.headers.get('content-type')).toBe('image/jpeg')
  expect(Buffer.from(await served.arrayBuffer())).toEqual(bytes)
  expect(served.headers.get('content-disposition')).toContain("filename*=UTF-8''")
  const detail = await officer.json(`/api/cases/${no}`)
  expect(detail.attachments[0].name).toBe('处置后 "1".jpg')
  const { rows } = await city.database.query('select who, what from looks where object = $1', [`case:${no}`])
  expect(rows).toEqual([{ who: 'officer', what: 'attachment' }])
  const other = await file()
  expect((await officer.get(`/api/cases/${other}/attachments/${id}`)).status).toBe(404)
})

test('what is no picture, too large, or in the wrong field is refused and leaves nothing', async () => {
  const no = await file()
  const before = await city.database.query("select count(*) from evidence where kind = 'attachment'")
  expect((await upload(officer, no, Buffer.from('<svg onload="alert(1)"/>'))).status).toBe(422)
  expect((await upload(officer, no, Buffer.from('GIF89a'))).status).toBe(422)
  const half = (await picture(2_000, 2_000)).subarray(0, 4_000)
  expect((await upload(officer, no, half)).status).toBe(422)
  const gif = await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
    .gif()
    .toBuffer()
  const refused = await upload(officer, no, gif)
  expect(((await refused.json()) as Json).detail).toContain('JPEG, PNG or WebP')
  expect((await upload(officer, no, Buffer.alloc(21 * 1024 * 1024))).status).toBe(413)
  const wrong = new FormData()
  wrong.append('photo', new Blob(['x']), 'x.jpg')
  expect((await officer.post(`/api/cases/${no}/attachments`, wrong)).status).toBe(400)
  expect((await officer.post(`/api/cases/${no}/attachments`, { file: 'x' })).status).toBe(422)
  const broken = await officer.fetch(`/api/cases/${no}/attachments`, {
    method: 'POST',
    headers: { 'X-Sharp-Eyes': '1', 'Content-Type': 'multipart/form-data; boundary=x' },
    body: '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf',
  })
  expect(broken.status).toBe(400)
  expect(await city.database.query("select count(*) from evidence where kind = 'attachment'")).toEqual(before)
})

test('a verifier may add pictures only while it is checked', async () => {
  const no = await file()
  expect((await upload(verifier, no, await picture())).status).toBe(403)
})
