import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { oidcFinding } from '../../app/doctor/oidc.ts'
import { ensureWebApp, hasChromium, launchChromium, openPage, step } from '../support/browser.ts'
import { startProvider, type TestProvider } from '../support/oidc-provider.ts'
import { missingService } from '../support/services.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'

const CLIENT = { id: 'sharp-eyes', secret: 'the secret of the client' }
const CALLBACK = '/api/session/oidc/callback'
let city: TestDashboard
let provider: TestProvider

beforeAll(async () => {
  provider = await startProvider()
  city = await startDashboard({
    oidc: {
      ...{ issuer: provider.issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret },
      ...{ claim: 'preferred_username', button: null },
    },
    webFolder: resolve(import.meta.dirname, '../../dashboard-api/web/dist'),
  })
  provider.serve({ ...CLIENT, redirect: `${city.url}${CALLBACK}` })
})
afterAll(async () => {
  await city[Symbol.asyncDispose]()
  await provider[Symbol.asyncDispose]()
})

/** Follows redirects with the cookies of each server, as a browser does. */
function createVisitor() {
  const jars = new Map<string, Map<string, string>>()
  const jarOf = (url: string) => {
    const { origin } = new URL(url)
    const jar = jars.get(origin) ?? new Map<string, string>()
    jars.set(origin, jar)
    return jar
  }
  const visit = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const jar = jarOf(url)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { ...init, headers: { Cookie: cookie }, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      if (/expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(pair.slice(0, at))
      else jar.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return response
  }
  const targetOf = (response: Response, from: string) =>
    new URL(response.headers.get('location') ?? '', from).href
  return {
    visit,
    sessionCookie: () => jarOf(city.url).get('sharp-eyes'),
    /** The address of the provider that the log-in sends to. */
    begin: async (next = '') => {
      const url = `${city.url}/api/session/oidc${next}`
      return targetOf(await visit(url), url)
    },
    /** From the provider's address to the callback's, logged in there as `name`; null: cancelled there. */
    async answer(authorization: string, name: string | null): Promise<string> {
      let url = authorization
      for (let hop = 0; hop < 8 && !url.startsWith(city.url); hop++) {
        const form = url.includes('/log-in/')
        const body = new URLSearchParams(name === null ? { cancel: '1' } : { name })
        url = targetOf(await visit(url, form ? { method: 'POST', body } : {}), url)
      }
      expect(url).toContain(CALLBACK)
      return url
    },
    who: async () =>
      (await visit(`${city.url}/api/session`)).json() as Promise<{ name?: string; code?: string }>,
  }
}

const locationOf = (response: Response) => response.headers.get('location')
const REFUSED = (fault: string) => expect.stringMatching(new RegExp(`^/login\\?oidc=${fault}(&|$)`))

test('whoever the provider knows by the name of a user is in, on the page that was asked for, with a new session id', async () => {
  const visitor = createVisitor()
  const url = await visitor.begin(`?next=${encodeURIComponent('/cases?state=handling')}`)
  const asked = new URL(url).searchParams
  expect(asked.get('code_challenge_method')).toBe('S256')
  for (const key of ['state', 'nonce', 'code_challenge']) expect(asked.get(key)?.length).toBeGreaterThan(20)
  const done = await visitor.visit(await visitor.answer(url, 'operator'))
  expect([done.status, locationOf(done)]).toEqual([303, '/cases?state=handling'])
  expect(await visitor.who()).toMatchObject({ name: 'operator', mustChangePassword: false })
  const before = visitor.sessionCookie()
  const again = await visitor.visit(await visitor.answer(await visitor.begin(), 'operator'))
  expect(locationOf(again)).toBe('/')
  expect(visitor.sessionCookie()).not.toBe(before)
  expect(JSON.stringify(city.log.lines)).not.toContain(CLIENT.secret)
})

test('a person without a password, and one whose password is one-time, come in; a password set later ends it', async () => {
  const admin = await city.as('admin')
  const body = { name: 'sso.only', roles: ['operator'] }
  await admin.post('/api/config/user/sso.only', { version: null, body, reason: '统一认证' })
  const visitor = createVisitor()
  await visitor.visit(await visitor.answer(await visitor.begin(), 'sso.only'))
  expect(await visitor.who()).toMatchObject({ name: 'sso.only' })
  await admin.post('/api/users/sso.only/password', { reason: '备用' })
  expect(await visitor.who()).toMatchObject({ code: 'not_logged_in' })
  await visitor.visit(await visitor.answer(await visitor.begin(), 'sso.only'))
  expect(await visitor.who()).toMatchObject({ name: 'sso.only', mustChangePassword: false })
  await admin.post('/api/config/user/sso.only/remove', { version: 1, reason: '离职' })
  expect(await visitor.who()).toMatchObject({ code: 'not_logged_in' })
})

test('another state, another nonce, another browser and a second use are refused, and open nothing', async () => {
  const refused = async (
    fault: string,
    work: (visitor: ReturnType<typeof createVisitor>) => Promise<Response>,
  ) => {
    const visitor = createVisitor()
    expect(locationOf(await work(visitor)), fault).toEqual(REFUSED(fault))
    expect(await visitor.who()).toMatchObject({ code: 'not_logged_in' })
  }
  const changed = (url: string, key: string) => {
    const other = new URL(url)
    other.searchParams.set(key, 'x'.repeat(43))
    return other.href
  }
  await refused('answer_invalid', async (v) =>
    v.visit(await v.answer(changed(await v.begin(), 'state'), 'operator')),
  )
  await refused('answer_invalid', async (v) =>
    v.visit(await v.answer(changed(await v.begin(), 'nonce'), 'operator')),
  )
  await refused('answer_invalid', async (v) =>
    v.visit(await v.answer(changed(await v.begin(), 'code_challenge'), 'operator')),
  )
  await refused('not_this_browser', async (v) => {
    const other = createVisitor()
    return v.visit(await other.answer(await other.begin(), 'operator'))
  })
  await refused('not_this_browser', (v) => v.visit(`${city.url}${CALLBACK}?code=x&state=y`))
  const visitor = createVisitor()
  const url = await visitor.answer(await visitor.begin(), 'operator')
  await visitor.visit(url)
  expect(locationOf(await visitor.visit(url))).toEqual(REFUSED('not_this_browser'))
})

test('who is no user here, and who cancels there, is told so and keeps the page that was asked for', async () => {
  const visitor = createVisitor()
  const next = `?next=${encodeURIComponent('/cases')}`
  const stranger = await visitor.visit(await visitor.answer(await visitor.begin(next), 'nobody.here'))
  expect(locationOf(stranger)).toBe('/login?oidc=unknown_user&next=%2Fcases')
  const other = createVisitor()
  const cancelled = await other.visit(await other.answer(await other.begin(), null))
  expect(locationOf(cancelled)).toEqual(REFUSED('provider_refused'))
  // A link in a mail leads nowhere else.
  for (const evil of ['//evil.example', '/\\evil.example', 'https://evil.example', '/\t/evil.example']) {
    const v = createVisitor()
    const done = await v.visit(await v.answer(await v.begin(`?next=${encodeURIComponent(evil)}`), 'operator'))
    expect(locationOf(done), evil).toBe('/')
  }
})

test('a provider that is away is said on the log-in page, and found again without a restart', async () => {
  const late = await startProvider()
  const oidc = {
    ...{ issuer: late.issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret },
    ...{ claim: 'preferred_username', button: '市统一认证' },
  }
  await using other = await startDashboard({ oidc })
  const begin = () => fetch(`${other.url}/api/session/oidc`, { redirect: 'manual' })
  expect(locationOf(await begin())).toBe('/login?oidc=provider_away')
  await expect(oidcFinding(oidc)).rejects.toThrow(
    `OIDC_ISSUER: ${late.issuer} does not answer as an OpenID provider`,
  )
  late.serve({ ...CLIENT, redirect: `${other.url}${CALLBACK}` })
  expect(locationOf(await begin())).toContain(late.issuer)
  expect(await oidcFinding(oidc)).toMatchObject({ grade: 'ok', detail: expect.stringContaining(late.issuer) })
  const ways = await (await fetch(`${other.url}/api/session/ways`)).json()
  expect(ways).toEqual({ oidc: { button: '市统一认证' } })
  await late[Symbol.asyncDispose]()
})

test('without a provider there is no button and no way', async () => {
  await using plain = await startDashboard()
  expect(await (await fetch(`${plain.url}/api/session/ways`)).json()).toEqual({ oidc: null })
  expect((await fetch(`${plain.url}/api/session/oidc`, { redirect: 'manual' })).status).toBe(404)
})

describe.skipIf(missingService('Chromium (apt: chromium)', hasChromium()))('in a browser', () => {
  test('a deep link leads by the provider to its page; who is unknown reads why', {
    timeout: 180_000,
  }, async () => {
    ensureWebApp()
    await using browser = await launchChromium()
    const page = await openPage(browser, city.url)
    await step(browser, 'a stranger reads why', async () => {
      await page.goto('/sessions')
      await page.getByRole('link', { name: '用统一身份认证登录' }).click()
      await page.getByLabel('姓名').fill('nobody.here')
      await page.getByRole('button', { name: '继续' }).click()
      await page.getByRole('alert').getByText('本系统没有您的用户').waitFor()
    })
    const known = await openPage(browser, city.url)
    await step(browser, 'a user is on the page that was asked for', async () => {
      await known.goto('/sessions')
      await known.getByRole('link', { name: '用统一身份认证登录' }).click()
      await known.getByLabel('姓名').fill('operator')
      await known.getByRole('button', { name: '继续' }).click()
      await known.getByRole('heading', { name: '登录会话' }).waitFor()
      expect(new URL(known.url()).pathname).toBe('/sessions')
    })
  })
})
