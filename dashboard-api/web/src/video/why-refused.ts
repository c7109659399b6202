import { get } from '../api/http.ts'
import { toApiError } from '../api/problem.ts'

/** What makes another handshake useless: no right, no such camera, no log-in. */
const FINAL: readonly number[] = [401, 403, 404]

/** A server that does not answer this either: trying again is all that is left. */
const LIMIT_MS = 10_000

/** Asks for the camera, as a browser keeps the answer to a refused handshake for itself. Null: another try may help. */
export async function whyRefused(camera: string): Promise<{ reason: string; code: number } | null> {
  try {
    await get(`/cameras/${encodeURIComponent(camera)}`, {}, AbortSignal.timeout(LIMIT_MS))
    return null
  } catch (thrown) {
    const { status, message } = toApiError(thrown)
    return FINAL.includes(status) ? { reason: message, code: status } : null
  }
}
