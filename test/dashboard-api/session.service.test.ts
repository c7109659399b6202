import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { setPassword } from '../../dashboard-api/auth/credentials.ts'
import { PASSWORD, startDashboard, type TestDashboard } from './dashboard.ts'

let city: TestDashboard
beforeAll(async () => {
  city = await startDashboard()
})
afterAll(() => city[Symbol.asyncDispose]())

const code = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { code: unknown }).code

test('a log-in sets a cookie that scripts cannot read, and names the person with the rights', async () => {
  const browser = city.browser()
  const answer = await browser.post('/api/session', { name: 'officer', password: PASSWORD })
  expect(answer.status).toBe(200)
  const cookie = answer.headers.get('set-cookie')
  expect(cookie).toMatch(/HttpOnly/)
  expect(cookie).toMatch(/SameSite=Lax/)
  expect(cookie).not.toMatch(/Secure/)
  expect(await answer.json()).toMatchObject({
    name: 'officer',
    roles: ['officer'],
    department: 'ecology',
    mustChangePassword: false,
    city: { timezone: 'Asia/Shanghai' },
  })
  expect((await browser.json('/api/session')).name).toBe('officer')
})

test('under TLS the cookie is Secure and the browser is told to stay there', async () => {
  await using tls = await startDashboard({ secureCookies: true, trustedProxies: 1 })
  const answer = await tls
    .browser()
    .post('/api/session', { name: 'operator', password: PASSWORD }, { 'X-Forwarded-Proto': 'https' })
  expect(answer.headers.get('set-cookie')).toMatch(/Secure/)
  expect(answer.headers.get('strict-transport-security')).not.toBeNull()
})

test('on plain http nothing asks for https', async () => {
  const answer = await fetch(`${city.url}/`)
  expect(answer.headers.get('strict-transport-security')).toBeNull()
  const policy = answer.headers.get('content-security-policy') ?? ''
  expect(policy).not.toContain('upgrade-insecure-requests')
  expect(policy).toContain("script-src 'self'")
  expect(policy).not.toMatch(/script-src[^;]*unsafe/)
})

test('a session id planted before the log-in is not the one after it', async () => {
  const browser = city.browser()
  await browser.post('/api/session', { name: 'operator', password: PASSWORD })
  const before = browser.cookie()
  await browser.post('/api/session', { name: 'operator', password: PASSWORD })
  expect(browser.cookie()).not.toBe(before)
  const old = await fetch(`${city.url}/api/session`, { headers: { Cookie: before } })
  expect(old.status).toBe(401)
})

test('after the log-out the cookie is worth nothing', async () => {
  const browser = city.browser()
  await browser.post('/api/session', { name: 'operator', password: PASSWORD })
  const kept = browser.cookie()
  expect((await browser.delete('/api/session')).status).toBe(204)
  const again = await fetch(`${city.url}/api/alerts`, { headers: { Cookie: kept } })
  expect(again.status).toBe(401)
  expect(await code(again)).toBe('not_logged_in')
})

test('changing calls need the own header and the same origin, also the log-in', async () => {
  const json = { 'Content-Type': 'application/json' }
  const body = JSON.stringify({ name: 'operator', password: PASSWORD })
  const call = (headers: Record<string, string>) =>
    fetch(`${city.url}/api/session`, { method: 'POST', body, headers: { ...json, ...headers } })
  expect((await call({})).status).toBe(403)
  expect((await call({ 'X-Sharp-Eyes': '1', Origin: 'https://evil.example' })).status).toBe(403)
  expect((await call({ 'X-Sharp-Eyes': '1', Origin: 'null' })).status).toBe(403)
  expect((await call({ 'X-Sharp-Eyes': '1', Origin: city.url })).status).toBe(200)
})

test('a wrong password and an unknown name are answered alike, and the name is not logged', async () => {
  const browser = city.browser()
  const wrong = await browser.post('/api/session', { name: 'auditor', password: 'wrong' })
  const unknown = await browser.post('/api/session', { name: 'my-secret-typed-here', password: 'wrong' })
  expect(wrong.status).toBe(401)
  expect(unknown.status).toBe(401)
  expect(await wrong.json()).toEqual(await unknown.json())
  expect(city.log.lines.join('\n')).not.toContain('my-secret-typed-here')
  expect(city.log.lines.join('\n')).not.toContain(PASSWORD)
})

test('ten wrong passwords close the door for that name, and right ones are never counted', async () => {
  const browser = city.browser()
  for (let i = 0; i < 15; i++) {
    expect((await browser.post('/api/session', { name: 'admin', password: PASSWORD })).status).toBe(200)
  }
  for (let i = 0; i < 10; i++) {
    expect((await browser.post('/api/session', { name: 'Admin', password: `wrong ${i}` })).status).toBe(401)
  }
  const closed = await browser.post('/api/session', { name: 'admin', password: PASSWORD })
  expect(closed.status).toBe(429)
  expect(Number(closed.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await code(closed)).toBe('too_many_requests')
  expect((await browser.post('/api/session', { name: 'operator', password: PASSWORD })).status).toBe(200)
})

test('a burst of guesses is not through before the first is counted', async () => {
  const browser = city.browser()
  const guess = () => browser.post('/api/session', { name: 'auditor', password: 'guess' })
  const answers = await Promise.all(Array.from({ length: 30 }, guess))
  const tried = answers.filter(({ status }) => status === 401).length
  expect(tried).toBeLessThanOrEqual(11)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(30 - tried)
})

test('a password from the machine must be changed before anything else', async () => {
  await setPassword(city.database, 'verifier', 'first password', { mustChange: true })
  const browser = city.browser()
  const first = await browser.post('/api/session', { name: 'verifier', password: 'first password' })
  expect(await first.json()).toMatchObject({ mustChangePassword: true })
  const refused = await browser.get('/api/alerts')
  expect(refused.status).toBe(403)
  expect(await code(refused)).toBe('password_change_required')
  const change = (next: string) => browser.post('/api/session/password', { current: 'first password', next })
  expect((await change('short')).status).toBe(422)
  expect((await change('first password')).status).toBe(422)
  const elsewhere = city.browser()
  await elsewhere.post('/api/session', { name: 'verifier', password: 'first password' })
  expect(await (await change('second password')).json()).toMatchObject({ mustChangePassword: false })
  expect((await browser.get('/api/alerts')).status).toBe(200)
  expect((await elsewhere.get('/api/session')).status).toBe(401)
})

test('a session ends after a shift of twelve hours, however busy it was', async () => {
  let later = 0
  await using shift = await startDashboard({ clock: { ...systemClock, now: () => Date.now() + later } })
  const browser = await shift.as('operator')
  later = 12 * 3_600_000 - 60_000
  expect((await browser.get('/api/session')).status).toBe(200)
  later += 120_000
  expect((await browser.get('/api/session')).status).toBe(401)
  later = 0
  // It was destroyed, not only refused.
  expect((await browser.get('/api/session')).status).toBe(401)
})

test('an unused session is forgotten after four hours', async () => {
  const browser = city.browser()
  await browser.post('/api/session', { name: 'operator', password: PASSWORD })
  const sid = decodeURIComponent(browser.cookie()).slice('sharp-eyes=s:'.length).split('.')[0]
  const { rows } = await city.database.query<{ hours: number }>(
    'select round(extract(epoch from expire - now()::timestamp) / 3600)::int as hours from sessions where sid = $1',
    [sid],
  )
  expect(rows).toEqual([{ hours: 4 }])
  await city.database.query("update sessions set expire = now() - interval '1 second' where sid = $1", [sid])
  expect((await browser.get('/api/session')).status).toBe(401)
})

test('a removed user loses the rights at once, a changed one has the new ones', async () => {
  const browser = await city.as('investigator')
  expect((await browser.get('/api/alerts')).status).toBe(200)
  const set = (sql: string) =>
    city.database.query(`update config_objects set ${sql} where kind = 'user' and id = 'investigator'`)
  await set(`body = jsonb_set(body, '{roles}', '["admin"]')`)
  expect((await browser.get('/api/cases')).status).toBe(403)
  await set('removed_at = now()')
  expect((await browser.get('/api/alerts')).status).toBe(401)
  await set('removed_at = null')
  // The old session is gone for good.
  expect((await browser.get('/api/alerts')).status).toBe(401)
})

test('a desk in a flood of alerts, with several tabs, is not refused; each session is counted for itself', async () => {
  const browser = city.browser()
  await browser.post('/api/session', { name: 'market.officer', password: PASSWORD })
  const ask = (cookie: string) => fetch(`${city.url}/api/session`, { headers: { Cookie: cookie } })
  const statuses = new Set<number>()
  for (let i = 0; i < 620; i += 20) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(browser.cookie())))
    for (const answer of answers) {
      statuses.add(answer.status)
      await answer.arrayBuffer()
    }
  }
  expect([...statuses]).toEqual([200])
  const left = async (cookie: string) =>
    Number(/r=(\d+)/.exec((await ask(cookie)).headers.get('ratelimit') ?? '')?.[1])
  expect(await left(browser.cookie())).toBeLessThan(3_000 - 620)
  const other = city.browser()
  await other.post('/api/session', { name: 'operator', password: PASSWORD })
  expect(await left(other.cookie())).toBeGreaterThan(2_900)
})
