import { expect } from 'vitest'
import { problemShape } from '../../core/api/shapes.ts'
import { expressPath, type RouteSpec } from '../../dashboard-api/http/route.ts'
import { ROUTES } from '../../dashboard-api/routes.ts'

export interface Browser {
  readonly url: string
  cookie(): string
  /** Every JSON answer is checked against the route table on the way. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  get(path: string, headers?: Record<string, string>): Promise<Response>
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
  delete(path: string): Promise<Response>
  json(path: string): Promise<Json>
}

// Answers are checked by their schemas; tests then reach into them freely.
// biome-ignore lint/suspicious/noExplicitAny: the shape is asserted by the schema of the route
export type Json = any

export function createBrowser(url: string): Browser {
  let cookie = ''
  const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    if (cookie) headers.set('Cookie', cookie)
    const response = await fetch(`${url}${path}`, { redirect: 'manual', ...init, headers })
    const set = response.headers.getSetCookie().find((line) => line.startsWith('sharp-eyes='))
    if (set) cookie = set.split(';')[0] ?? ''
    await checkAnswer(init.method ?? 'GET', path, response)
    return response
  }
  const post = (path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const form = body instanceof FormData
    const type: Record<string, string> =
      form || body === undefined ? {} : { 'Content-Type': 'application/json' }
    return call(path, {
      method: 'POST',
      headers: { 'X-Sharp-Eyes': '1', ...type, ...headers },
      ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
    })
  }
  return {
    url,
    cookie: () => cookie,
    fetch: call,
    get: (path, headers = {}) => call(path, { headers }),
    post,
    delete: (path) => call(path, { method: 'DELETE', headers: { 'X-Sharp-Eyes': '1' } }),
    async json(path) {
      const response = await call(path)
      expect(response.status, path).toBe(200)
      return response.json()
    },
  }
}

export function routeOf(method: string, path: string): RouteSpec | undefined {
  const { pathname } = new URL(path, 'http://localhost')
  return Object.values(ROUTES).find((spec) => {
    const pattern = expressPath(spec.path).replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')
    return spec.method === method.toLowerCase() && new RegExp(`^${pattern}$`).test(pathname)
  })
}

/** (A stream is never cloned: its copy would keep the connection.) No answer of any test leaves the contract: problems are problems, and bodies are what the table promises. */
async function checkAnswer(method: string, path: string, response: Response): Promise<void> {
  const type = response.headers.get('content-type') ?? ''
  if (response.status === 202 || response.status >= 400) {
    if (response.status === 503 && type.startsWith('application/json')) return // health before it is ready
    expect(type, `${method} ${path}`).toMatch(/^application\/problem\+json/)
    const problem = problemShape.strict().parse(await response.clone().json())
    expect(problem.status).toBe(response.status)
    return
  }
  const spec = routeOf(method, path)
  if (spec?.answer.kind !== 'json') return
  expect(response.status, `${method} ${path}`).toBe(spec.answer.status)
  const body: unknown = await response.clone().json()
  // Equal, not only acceptable: a field that the contract does not name must not leave either.
  expect(spec.answer.schema.parse(body), `${method} ${path}`).toEqual(body)
}
