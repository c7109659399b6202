import { networkError, problemError } from './problem.ts'

type Query = Readonly<Record<string, string | number | boolean | null | undefined>>

/** `/api/…` with the given parameters; empty ones are left out. */
export function apiUrl(path: string, query: Query = {}): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') params.set(name, String(value))
  }
  const text = params.toString()
  return text ? `/api${path}?${text}` : `/api${path}`
}

async function call(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { credentials: 'same-origin', ...init })
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw networkError(cause)
  }
}

async function answer<T>(response: Response): Promise<T> {
  const text = await response.text()
  let body: unknown = null
  try {
    body = text ? JSON.parse(text) : null
  } catch (noJson) {
    if (response.ok) throw problemError(response.status, noJson)
  }
  if (!response.ok) throw problemError(response.status, body)
  return body as T
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return answer<T>(await call(apiUrl(path, query), signal ? { signal } : {}))
}

/** Changing calls carry the header that a foreign page cannot send. */
export async function send<T>(
  method: 'POST' | 'DELETE',
  path: string,
  body?: unknown,
  more: Readonly<Record<string, string>> = {},
): Promise<T> {
  const headers: Record<string, string> = { 'X-Sharp-Eyes': '1', ...more }
  const form = body instanceof FormData
  if (body !== undefined && !form) headers['Content-Type'] = 'application/json'
  const init: RequestInit = { method, headers }
  if (body !== undefined) init.body = form ? body : JSON.stringify(body)
  return answer<T>(await call(apiUrl(path), init))
}

/** A command without a body that outlives its page. Whether it arrived, nobody is there to hear. */
export function sendParting(path: string): void {
  const init: RequestInit = { method: 'POST', headers: { 'X-Sharp-Eyes': '1' }, keepalive: true }
  call(apiUrl(path), init).catch(() => undefined)
}
