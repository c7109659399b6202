import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dropOldKeys } from '../../alerts/cases/once.ts'
import { MAX_UNFINISHED } from '../../dashboard-api/field/staging.ts'
import { silentLog } from '../support/log.ts'
import type { Browser, Json } from './browser.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert, picture } from './matters.ts'

let city: TestDashboard
let operator: Browser
let officer: Browser
let verifier: Browser
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uploads-'))
  city = await startDashboard({ uploadFolder: folder })
  operator = await city.as('operator')
  officer = await city.as('officer')
  verifier = await city.as('verifier')
})
afterAll(async () => {
  await city[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const key = (value: string) => ({ 'Idempotency-Key': `"${value}"` })
const logOf = async (no: string): Promise<Json[]> => (await operator.json(`/api/cases/${no}`)).log

/** A case in hand of the officer's department. */
async function inHand(): Promise<{ no: string; version: number }> {
  const alertId = await insertAlert(city.database)
  const { no } = (await (await operator.post('/api/cases', { alertId })).json()) as Json
  const { version } = await officer.json(`/api/cases/${no}`)
  const accepted = await officer.post(`/api/cases/${no}/commands`, { kind: 'accept', version })
  return { no, version: ((await accepted.json()) as Json).version }
}

async function upload(browser: Browser, no: string, bytes: Uint8Array, headers = {}, more = {}) {
  const form = new FormData()
  form.append('file', new Blob([Buffer.from(bytes)], { type: 'image/jpeg' }), 'a.jpg')
  for (const [name, value] of Object.entries(more)) form.append(name, String(value))
  return browser.post(`/api/cases/${no}/attachments`, form, headers)
}

const TUS = { 'X-Sharp-Eyes': '1', 'Tus-Resumable': '1.0.0' }
async function create(browser: Browser, no: string, bytes: number, headers = {}): Promise<Response> {
  const answer = await browser.fetch(`/api/cases/${no}/uploads`, {
    method: 'POST',
    headers: { ...TUS, 'Upload-Length': String(bytes), ...headers },
  })
  await answer.text()
  return answer
}
const part = (browser: Browser, path: string, offset: number, bytes: Uint8Array) =>
  browser.fetch(path, {
    method: 'PATCH',
    headers: { ...TUS, 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' },
    body: Buffer.from(bytes),
  })
/** By a client of its own: fetch closes its connection after a HEAD, and the next call would race with the end of it. */
const head = (browser: Browser, path: string) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { ...TUS, Cookie: browser.cookie() }
    const call = request(`${browser.url}${path}`, { method: 'HEAD', agent: false, headers }, resolve)
    call.once('error', reject)
    call.end()
  })
const offsetOf = async (browser: Browser, path: string) =>
  (await head(browser, path)).headers['upload-offset']
const locationOf = (answer: Response) => answer.headers.get('location') ?? ''

test('one key has one effect: three at once, and again after an answer that was lost', async () => {
  const { no, version } = await inHand()
  const photo = (await (await upload(officer, no, await picture(64, 64, 1))).json()) as Json
  const report = { kind: 'report', version, note: '已清理', attachments: [photo.id] }
  const id = randomUUID()
  const both = await Promise.all(
    [1, 2, 3].map(() => officer.post(`/api/cases/${no}/commands`, report, key(id))),
  )
  expect(both.map((answer) => answer.status)).toEqual([200, 200, 200])
  const answers = (await Promise.all(both.map((answer) => answer.json()))) as Json[]
  for (const answer of answers)
    expect(answer).toMatchObject({ no, state: 'pending_check', version: version + 1 })
  // Keys of the body in another order: the same request. Without quotes: the same key.
  const turned = Object.fromEntries(Object.entries(report).toReversed())
  const later = await officer.post(`/api/cases/${no}/commands`, turned, { 'Idempotency-Key': id })
  expect(later.status).toBe(200)
  expect((await logOf(no)).filter((entry) => entry.kind === 'report')).toHaveLength(1)
  // Without a key it is a stale command.
  expect((await officer.post(`/api/cases/${no}/commands`, report)).status).toBe(409)
})

test('a key for another body is refused, and of another person is another key', async () => {
  const { no, version } = await inHand()
  const id = randomUUID()
  const ask = (note: string) => officer.post(`/api/cases/${no}/remarks`, { note, attachments: [] }, key(id))
  expect((await ask('one')).status).toBe(201)
  const refused = await ask('two')
  expect(refused.status).toBe(422)
  expect(await refused.json()).toMatchObject({ code: 'key_reused' })
  const other = await operator.post(`/api/cases/${no}/remarks`, { note: 'two', attachments: [] }, key(id))
  expect(other.status).toBe(201)
  expect(
    (await logOf(no)).filter((entry) => entry.kind === 'remark').map((entry) => entry.data.note),
  ).toEqual(['one', 'two'])
  const { version: same } = await officer.json(`/api/cases/${no}`)
  expect(same).toBe(version)
  for (const bad of ['', '"', '"a\\b"', 'a b', 'x'.repeat(300)]) {
    const answer = await officer.post(`/api/cases/${no}/remarks`, { note: 'x' }, { 'Idempotency-Key': bad })
    expect(answer.status, bad).toBe(400)
  }
})

test('what was refused leaves no key: mended state, same key, it happens', async () => {
  const { no, version } = await inHand()
  const id = randomUUID()
  const command = { kind: 'return', version, reason: 'not ours' }
  await city.database.query("update cases set body = jsonb_set(body, '{version}', '99') where no = $1", [no])
  expect((await officer.post(`/api/cases/${no}/commands`, command, key(id))).status).toBe(409)
  await city.database.query("update cases set body = jsonb_set(body, '{version}', $2) where no = $1", [
    no,
    String(version),
  ])
  expect((await officer.post(`/api/cases/${no}/commands`, command, key(id))).status).toBe(200)
})

test('keys older than seven days go in the night', async () => {
  const { no } = await inHand()
  const [old, young] = [randomUUID(), randomUUID()]
  for (const id of [old, young]) await officer.post(`/api/cases/${no}/remarks`, { note: 'x' }, key(id))
  await city.database.query(
    "update idempotency_keys set at = now() - interval '7 days 1 minute' where key = $1",
    [old],
  )
  const clock = { now: () => Date.now(), sleep: async () => undefined }
  await dropOldKeys({ database: city.database, clock, log: silentLog })
  const { rows } = await city.database.query('select key from idempotency_keys where key = any($1)', [
    [old, young],
  ])
  expect(rows).toEqual([{ key: young }])
})

test('a picture says when, where and whether before or after', async () => {
  const { no } = await inHand()
  const facts = { phase: 'after', capturedAt: '2026-11-25T02:03:04.000Z', lon: 114.48, lat: 38.03 }
  const answer = await upload(officer, no, await picture(64, 64, 2), key(randomUUID()), facts)
  expect(answer.status).toBe(201)
  const { attachments } = await officer.json(`/api/cases/${no}`)
  expect(attachments).toMatchObject([
    { phase: 'after', capturedAt: facts.capturedAt, place: { lon: 114.48, lat: 38.03 } },
  ])
  for (const wrong of [{ phase: 'during' }, { capturedAt: 'yesterday' }, { lon: 200, lat: 1 }, { lon: 1 }]) {
    expect(
      (await upload(officer, no, await picture(64, 64, 3), {}, wrong)).status,
      JSON.stringify(wrong),
    ).toBe(422)
  }
})

test('an upload that breaks off goes on where it was, is attached once, and its pieces go', async () => {
  const { no } = await inHand()
  const bytes = await picture(800, 600, 40)
  const created = await create(officer, no, bytes.length)
  expect(created.status).toBe(201)
  expect(created.headers.get('access-control-allow-origin')).toBeNull()
  const path = locationOf(created)
  expect(path).toMatch(new RegExp(`^/api/cases/${no}/uploads/`))
  expect((await part(officer, path, 0, bytes.subarray(0, 1_000))).status).toBe(204)
  expect(await offsetOf(officer, path)).toBe('1000')
  expect((await part(officer, path, 500, bytes.subarray(500))).status).toBe(409)
  const body = { name: '处置后.jpg', phase: 'after' }
  const id = randomUUID()
  const early = await officer.post(`${path}/attach`, body, key(id))
  expect(early.status).toBe(409)
  expect((await part(officer, path, 1_000, bytes.subarray(1_000))).status).toBe(204)
  const answers = await Promise.all([1, 2].map(() => officer.post(`${path}/attach`, body, key(id))))
  // Of two at once the second may find the pieces gone; told again, it has the answer.
  expect(answers.some((answer) => answer.status === 201)).toBe(true)
  const again = await officer.post(`${path}/attach`, body, key(id))
  expect(again.status).toBe(201)
  expect(await again.json()).toMatchObject({ sha256: createHash('sha256').update(bytes).digest('hex') })
  const { attachments } = await officer.json(`/api/cases/${no}`)
  expect(attachments).toMatchObject([{ name: '处置后.jpg', phase: 'after', bytes: bytes.length }])
  expect((await readdir(join(folder, 'pieces'))).filter((name) => name.includes(no))).toEqual([])
  expect((await head(officer, path)).statusCode).toBe(404)
})

test('what is no picture or too large is refused; an upload belongs to its person and case', async () => {
  const { no } = await inHand()
  const html = Buffer.from('<script>alert(1)</script>')
  const path = locationOf(await create(officer, no, html.length))
  await part(officer, path, 0, html)
  expect((await officer.post(`${path}/attach`, { name: 'x.jpg' })).status).toBe(422)
  expect((await create(officer, no, 21 * 1024 * 1024)).status).toBe(413)
  expect((await create(officer, no, 10, { 'Upload-Length': 'x' })).status).toBe(400)
  expect((await create(officer, no, 10, { 'Tus-Resumable': '0.1' })).status).toBe(400)
  expect((await part(officer, path, html.length, Buffer.alloc(10))).status).toBe(413)
  // The verifier sees the case, but may not attach to it now; the operator may, but not with this upload.
  expect((await create(verifier, no, 10)).status).toBe(403)
  expect((await part(operator, path, 0, html)).status).toBe(404)
  const stranger = await city.as('market.officer')
  expect((await create(stranger, no, 10)).status).toBe(404)
  const { no: other } = await inHand()
  expect((await head(officer, path.replace(no, other))).statusCode).toBe(404)
  const bare = await officer.fetch(`/api/cases/${no}/uploads`, {
    method: 'POST',
    headers: { 'Tus-Resumable': '1.0.0' },
  })
  expect(bare.status).toBe(403)
  expect((await officer.fetch(path, { method: 'DELETE', headers: TUS })).status).toBe(204)
})

test('unfinished uploads are bounded and go after a day', async () => {
  const { no } = await inHand()
  for (let n = 0; n < MAX_UNFINISHED; n += 1) expect((await create(operator, no, 10)).status).toBe(201)
  expect((await create(operator, no, 10)).status).toBe(429)
  expect((await create(officer, no, 10)).status).toBe(201)
  const pieces = join(folder, 'pieces')
  for (const name of await readdir(pieces)) {
    if (name !== 'folder-id') await utimes(join(pieces, name), new Date('2026-01-01'), new Date('2026-01-01'))
  }
  expect((await create(operator, no, 10)).status).toBe(201)
  expect(await readdir(pieces)).toHaveLength(3)
})

test('pieces at another process of the server are named so, and the picture goes in one piece', async () => {
  const { no } = await inHand()
  const path = locationOf(await create(officer, no, 100))
  const elsewhere = path.replace(/uploads\/[0-9a-f]{16}/, `uploads/${'0'.repeat(16)}`)
  const answer = await part(officer, elsewhere, 0, Buffer.alloc(10))
  expect(answer.status).toBe(404)
  expect(await answer.json()).toMatchObject({ code: 'misdirected' })
  expect((await upload(officer, no, await picture(64, 64, 9), key(randomUUID()))).status).toBe(201)
})
