import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser, Json } from './browser.ts'
import { PASSWORD, startDashboard, type TestDashboard } from './dashboard.ts'
import { openStream } from './sse.ts'

let city: TestDashboard
beforeAll(async () => {
  city = await startDashboard()
})
afterAll(() => city[Symbol.asyncDispose]())

async function logIn(name: string, agent = 'Firefox 140'): Promise<Browser> {
  const browser = city.browser()
  const headers = { 'User-Agent': agent }
  expect((await browser.post('/api/session', { name, password: PASSWORD }, headers)).status).toBe(200)
  return browser
}
const listOf = async (browser: Browser, query = ''): Promise<Json[]> =>
  (await browser.json(`/api/sessions${query}`)).items

test('a person sees the own log-ins, with address and browser, and not what their cookies hold', async () => {
  const here = await logIn('operator')
  const phone = await logIn('operator', 'WeCom on a phone')
  await logIn('officer')
  const items = await listOf(here)
  expect(items.map(({ name, mine, address, browser }) => [name, mine, address, browser])).toEqual(
    expect.arrayContaining([
      ['operator', true, '127.0.0.1', 'Firefox 140'],
      ['operator', false, '127.0.0.1', 'WeCom on a phone'],
    ]),
  )
  expect(items).toHaveLength(2)
  const sid = decodeURIComponent(phone.cookie()).slice('sharp-eyes=s:'.length).split('.')[0] ?? ''
  expect(sid.length).toBeGreaterThan(20)
  expect(JSON.stringify(items)).not.toContain(sid)
  for (const { since, lastUse, until } of items) {
    expect(Math.abs(Date.now() - Date.parse(since))).toBeLessThan(60_000)
    expect(Math.abs(Date.now() - Date.parse(lastUse))).toBeLessThan(60_000)
    expect(Date.parse(until) - Date.parse(lastUse)).toBe(4 * 3_600_000)
  }
})

test('one is ended, and what it had open ends at once', async () => {
  const here = await logIn('verifier')
  const lost = await logIn('verifier', 'a lost phone')
  const stream = await openStream(lost)
  const { id } = (await listOf(here)).find(({ browser }) => browser === 'a lost phone')
  expect((await here.delete(`/api/sessions/${id}`)).status).toBe(204)
  await stream.ended
  expect((await lost.get('/api/alerts')).status).toBe(401)
  expect((await here.get('/api/alerts')).status).toBe(200)
  expect((await here.delete(`/api/sessions/${id}`)).status).toBe(404)
})

test('all others are ended, and those of other people go on', async () => {
  const here = await logIn('auditor')
  const there = [await logIn('auditor'), await logIn('auditor')]
  const somebody = await logIn('investigator')
  const ended = await here.delete('/api/sessions')
  expect(await ended.json()).toEqual({ ended: 2 })
  for (const browser of there) expect((await browser.get('/api/alerts')).status).toBe(401)
  for (const browser of [here, somebody]) expect((await browser.get('/api/alerts')).status).toBe(200)
})

test("others' sessions are an admin's to see and to end, and nobody else's", async () => {
  const admin = await logIn('admin')
  const officer = await logIn('market.officer')
  const all = await listOf(admin, '?of=all')
  const { id } = all.find(({ name }) => name === 'market.officer')
  const other = await logIn('officer')
  expect((await other.get('/api/sessions?of=all')).status).toBe(403)
  expect((await other.delete(`/api/sessions/${id}`)).status).toBe(404)
  expect((await officer.get('/api/alerts')).status).toBe(200)
  expect((await admin.delete(`/api/sessions/${id}`)).status).toBe(204)
  expect((await officer.get('/api/alerts')).status).toBe(401)
})

test('a removed person has no session any more', async () => {
  const admin = await logIn('admin')
  const gone = await logIn('investigator')
  const names = async () => (await listOf(admin, '?of=all')).map(({ name }) => name)
  expect(await names()).toContain('investigator')
  await city.database.query(
    "update config_objects set removed_at = now() where kind = 'user' and id = 'investigator'",
  )
  expect(await names()).not.toContain('investigator')
  expect((await gone.get('/api/alerts')).status).toBe(401)
})
