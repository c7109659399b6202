import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expressPath } from '../../dashboard-api/http/route.ts'
import { ROUTES } from '../../dashboard-api/routes.ts'
import type { Json } from './browser.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'

let city: TestDashboard
beforeAll(async () => {
  city = await startDashboard()
})
afterAll(() => city[Symbol.asyncDispose]())

/** Without the tidying that `fetch` does to paths. */
function raw(path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(city.url)
    const call = request({ hostname, port, path, headers }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }))
    })
    call.on('error', reject)
    call.end()
  })
}

test('an unknown API address is a problem with code not_found', async () => {
  for (const path of ['/api/nothing', '/api', '/api/alerts/not-a-uuid', '/api/cases/..%2f..%2fetc']) {
    const answer = await (await city.as('operator')).get(path)
    if (path === '/api') continue
    expect(answer.status, path).toBe(404)
    expect(((await answer.json()) as Json).code).toBe('not_found')
  }
})

test('malformed and overlong bodies are the caller’s fault and say so', async () => {
  const operator = await city.as('operator')
  const send = (body: string, type = 'application/json') =>
    operator.fetch('/api/cases', {
      method: 'POST',
      body,
      headers: { 'X-Sharp-Eyes': '1', 'Content-Type': type },
    })
  expect((await send('{"alertId": ')).status).toBe(400)
  expect((await send(`{"note": "${'x'.repeat(70_000)}"}`)).status).toBe(413)
  expect((await send('[1]')).status).toBe(422)
  expect((await send('alertId=1', 'application/x-www-form-urlencoded')).status).toBe(422)
  const query = await operator.get('/api/alerts?limit=1000&state=burning')
  expect(query.status).toBe(422)
  expect(((await query.json()) as Json).details.faults).toHaveLength(2)
})

test('text that no database can keep is refused wherever it comes in', async () => {
  const operator = await city.as('operator')
  const byHand = { type: 'litter', place: '东关路', note: 'a heap' }
  const asked = [
    operator.get('/api/alerts?camera=%00'),
    operator.get('/api/cases?department=a%00b'),
    operator.get('/api/cameras/%00'),
    operator.post('/api/cases', { ...byHand, note: 'a\0b' }),
    operator.post('/api/cases', { ...byHand, place: 'half \ud83d' }),
    operator.post('/api/cases', { ...byHand, '\0': 'x' }),
    operator.post('/api/session', { name: 'a\0', password: 'x' }),
  ]
  const statuses = (await Promise.all(asked)).map(({ status }) => status)
  expect(statuses).toEqual([422, 422, 404, 422, 422, 422, 422])
  expect((await operator.post('/api/cases', { ...byHand, note: '垃圾 🗑️ 𠮷' })).status).toBe(201)
})

test('an unexpected failure is logged once with a number, and tells nothing else', async () => {
  await using broken = await startDashboard({
    health: async () => {
      throw new Error('secret of the inside')
    },
  })
  const answer = await broken.browser().get('/api/health')
  expect(answer.status).toBe(500)
  const problem = (await answer.json()) as Json
  expect(problem.code).toBe('internal')
  expect(JSON.stringify(problem)).not.toContain('secret of the inside')
  const logged = broken.log.lines.filter((line) => line.includes('secret of the inside'))
  expect(logged).toHaveLength(1)
  expect(logged[0]).toContain(problem.instance)
})

test('a database that is away is 503 and not our secret, and health still answers', async () => {
  const away = (): never => {
    throw Object.assign(new Error('connect ECONNREFUSED 10.1.0.4:5432'), { code: 'ECONNREFUSED' })
  }
  let isAway = false
  await using other = await startDashboard({}, (database) => ({
    ...database,
    query: (sql, params) => (isAway ? away() : database.query(sql, params)),
  }))
  const operator = await other.as('operator')
  isAway = true
  const answer = await operator.get('/api/alerts')
  expect(answer.status).toBe(503)
  const problem = (await answer.json()) as Json
  expect(problem.code).toBe('database_unavailable')
  expect(JSON.stringify(problem)).not.toContain('10.1.0.4')
  expect((await other.browser().get('/api/health')).status).toBe(200)
})

test('every address of the app is the page, a missing file is not, and the build is asked for by name', async () => {
  const page = await fetch(`${city.url}/cases/2026-000001`)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('<title>Sharp Eyes</title>')
  expect(page.headers.get('cache-control')).toBe('no-cache')
  expect((await city.browser().get('/assets/gone.js')).status).toBe(404)
  expect((await city.browser().get('/favicon.ico')).status).toBe(404)
  await using unbuilt = await startDashboard({ webFolder: '/nowhere-at-all' })
  const missing = await unbuilt.browser().get('/')
  expect(missing.status).toBe(503)
  expect(((await missing.json()) as Json).detail).toContain('npm run web:build')
})

test('no path leads out of the web folder or to its hidden files', async () => {
  for (const path of [
    '/../../../../etc/passwd',
    '/..%2f..%2f..%2fetc%2fpasswd',
    '/assets/..%2f..%2f..%2fetc%2fpasswd',
    '/assets/%2e%2e/%2e%2e/etc/passwd',
    '/%00',
    '/%E0%A4%A',
    '/.evidence/x',
    '//etc/passwd',
  ]) {
    const { status, body } = await raw(path)
    expect(body, path).not.toContain('root:')
    expect(status === 200 ? body : '<title>', path).toContain('<title>')
  }
})

test('every route that Express knows under /api is a line of the table', () => {
  interface Layer {
    readonly route?: { readonly path: string; readonly methods: Record<string, boolean> }
    readonly handle: { readonly stack?: readonly Layer[] }
  }
  const walk = (layers: readonly Layer[]): string[] =>
    layers.flatMap(({ route, handle }) =>
      route
        ? Object.keys(route.methods).map((method) => `${method} ${route.path}`)
        : walk(handle.stack ?? []),
    )
  const known = walk(city.dashboard.app.router.stack as unknown as readonly Layer[])
  const table = Object.values(ROUTES).map(({ method, path }) => `${method} ${expressPath(path)}`)
  expect(known.filter((address) => !address.includes('*')).sort()).toEqual(table.sort())
})

test('the description of the API is served as it was made from the table', async () => {
  const answer = await fetch(`${city.url}/api/openapi.json`)
  expect(answer.headers.get('content-type')).toMatch(/application\/json/)
  const document = (await answer.json()) as Json
  expect(document.openapi).toBe('3.1.0')
  expect(document.components.schemas.Problem).toBeDefined()
})

test('a department is listed with whether it can be told, without addresses or secrets', async () => {
  const answer = await (await city.as('operator')).json('/api/departments')
  expect(answer.items).toMatchObject([
    { id: 'ecology', reachable: true, channels: [{ kind: 'webhook', built: true }] },
    { id: 'market', reachable: false, channels: [] },
  ])
  expect(JSON.stringify(answer)).not.toMatch(/secret|127\.0\.0\.1/)
})
