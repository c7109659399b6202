import { z } from 'zod'
import { ERROR_TABLE, type ErrorCode, SharpEyesError } from '../../core/errors.ts'
import type { DurationMs } from '../../core/units.ts'
import { nameInToken } from './token.ts'

/** One call to the pages' server. Its path begins after /api/worker. */
export interface ControlCall {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT'
  readonly path: string
  readonly json?: unknown
  readonly body?: Blob
  readonly timeoutMs: DurationMs
  readonly signal?: AbortSignal
}

/** What a worker on another machine has instead of a database: calls to the pages' server under its own name. */
export interface ControlLink {
  /** `<name of the token>/<instance>`: how the server calls this worker. */
  readonly worker: string
  /**
   * The answer's JSON (undefined when it has none). Throws a SharpEyesError: `transport_unavailable` when nobody of ours
   * answered, else the code that the server gave. No error holds the token.
   */
  call(call: ControlCall): Promise<unknown>
}

/** Of one process and its spool; letters that an HTTP header can carry. */
const INSTANCE = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/

const problem = z.object({
  code: z.string(),
  detail: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
})

/** Throws `config_invalid` for a token or an instance that cannot be one. */
export function createControlLink(options: {
  /** Of the pages' server, for example https://eyes.city.example; without credentials. */
  readonly url: string
  readonly token: string
  readonly instance: string
  readonly version: string
}): ControlLink {
  const { url, token, instance, version } = options
  const name = nameInToken(token)
  if (name === null) {
    throw new SharpEyesError(
      'config_invalid',
      'WORKER_TOKEN_FILE: holds no worker token; "sharp-eyes workers add NAME" on the server makes one (sew_…)',
    )
  }
  if (!INSTANCE.test(instance)) {
    throw new SharpEyesError(
      'config_invalid',
      `"${instance}" is no name for this worker process: 1 to 64 letters, digits, ".", ":", "-" and "_"`,
    )
  }
  const headers = {
    authorization: `Bearer ${token}`,
    'x-sharp-eyes-worker': instance,
    'x-sharp-eyes-version': version,
  }
  const base = url.replace(/\/$/, '')

  return {
    worker: `${name}/${instance}`,
    async call({ method, path, json, body, timeoutMs, signal }) {
      const limit = AbortSignal.timeout(timeoutMs)
      let response: Response
      let text: string
      try {
        response = await fetch(`${base}/api/worker${path}`, {
          method,
          headers: json === undefined ? headers : { ...headers, 'content-type': 'application/json' },
          body: json === undefined ? (body ?? null) : JSON.stringify(json),
          signal: signal ? AbortSignal.any([limit, signal]) : limit,
          // The token goes to this address and to no other.
          redirect: 'error',
        })
        text = await response.text()
      } catch (error) {
        signal?.throwIfAborted()
        const why = limit.aborted ? `no answer within ${timeoutMs / 1_000} s` : reasonOf(error)
        throw new SharpEyesError('transport_unavailable', `the server at ${base} does not answer (${why})`)
      }
      const answer = method === 'HEAD' ? undefined : parsed(text)
      if (response.ok) return answer
      throw refusal(base, method === 'HEAD' ? { code: HEAD_CODES[response.status] } : answer, response.status)
    },
  }
}

/** Of a HEAD there is only the status. */
const HEAD_CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'not_logged_in',
  403: 'forbidden',
  404: 'not_found',
  429: 'too_many_requests',
  503: 'not_ready',
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function refusal(base: string, answer: unknown, status: number): SharpEyesError {
  const told = problem.safeParse(answer)
  if (!told.success || !(told.data.code in ERROR_TABLE)) {
    // Not a word of ours: a proxy whose server is away, or another program at that address.
    return new SharpEyesError(
      'transport_unavailable',
      `the server at ${base} answers ${status} without saying why: is it Sharp Eyes that listens there?`,
    )
  }
  const code = told.data.code as ErrorCode
  const detail = told.data.detail ?? code.replaceAll('_', ' ')
  const refused = status === 401 || status === 403
  return new SharpEyesError(
    code,
    refused ? `the server at ${base} refuses this worker: ${detail}` : `the server at ${base}: ${detail}`,
    { details: told.data.details ?? {} },
  )
}

/** `fetch failed` says nothing; its cause does, and never holds a header. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause
  if (!(cause instanceof Error)) return error.message
  const { code } = cause as NodeJS.ErrnoException
  return code ?? cause.message
}
