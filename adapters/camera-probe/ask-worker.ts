import { z } from 'zod'
import { type CameraProbed, probeShape } from '../../core/api/camera-setup.ts'
import type { CameraLogin, ProbeHiding } from '../../core/camera-setup.ts'
import { type ErrorCode, SharpEyesError } from '../../core/errors.ts'
import type { LiveEndpoint } from '../live/line.ts'
import { PROBE_PATH } from './wire.ts'

/** A masked picture has some hundred kilobytes. */
const MAX_BYTES = 8 << 20

/** What a worker says of itself; the rest of its words is about how it was asked. */
const OF_ITSELF = [
  'too_many_requests',
  'dependency_missing',
  'internal',
] as const satisfies readonly ErrorCode[]
const problemAnswer = z.object({
  code: z.enum(OF_ITSELF),
  detail: z.string(),
  retryAfterSeconds: z.number().optional(),
})

export interface Asked {
  readonly url: string
  readonly login: CameraLogin | null
  readonly hide: ProbeHiding | undefined
}

/** Why a worker has not looked: it cannot be asked at all, says nothing, or gives no answer that is one. */
export type Unasked = 'no_address' | 'silent' | 'other_secret' | 'other_version'

/** Throws what the worker says of itself (`too_many_requests`, `dependency_missing`, `internal`), and the signal's reason. */
export async function askWorker(
  { url: worker, secret }: LiveEndpoint,
  { url, login, hide }: Asked,
  signal: AbortSignal,
): Promise<CameraProbed | Exclude<Unasked, 'no_address'>> {
  let response: Response
  let text: string | null
  try {
    response = await fetch(`${worker}${PROBE_PATH}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      // Not `hide` where it hides no more than is hidden anyway: an older worker knows no such word, and refuses it.
      body: JSON.stringify({ url, ...login, ...(hide && hidesMore(hide) && { hide }) }),
      signal,
      redirect: 'error',
    })
    text = await textOf(response)
  } catch {
    signal.throwIfAborted()
    // Not why: what was sent has the login in it.
    return 'silent'
  }
  if (response.status === 401) return 'other_secret'
  const said = text === null ? null : jsonOf(text)
  if (response.ok) return probeShape.safeParse(said).data ?? 'other_version'
  const problem = problemAnswer.safeParse(said).data
  if (!problem) return 'other_version'
  const { code, detail, ...details } = problem
  throw new SharpEyesError(code, detail, { details })
}

const hidesMore = ({ masking, privacy }: ProbeHiding): boolean => masking !== 'heads' || privacy.length > 0

/** Null: it has no end. */
async function textOf(response: Response): Promise<string | null> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > MAX_BYTES) return null
  }
  return text + decoder.decode()
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
