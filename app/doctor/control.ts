import { createControlLink } from '../../adapters/control/link.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { VERSION } from '../version.ts'
import { clockFinding, type Finding, finding } from './finding.ts'

const CALL_MS = 8_000
/** The Date header has whole seconds, rounded down. */
const HEADER_ERROR_MS = 500

/** A worker's way to the pages' server: the address, the token, the clock. It takes no camera. */
export async function controlFindings(
  control: { readonly url: string; readonly token: string },
  clock: Clock,
): Promise<readonly Finding[]> {
  const before = clock.now()
  const response = await fetch(`${control.url}/api/health`, { signal: AbortSignal.timeout(CALL_MS) }).catch(
    (error: Error) => {
      const reason = (error.cause as { code?: string } | undefined)?.code ?? error.name
      throw new SharpEyesError(
        'transport_unavailable',
        `CONTROL_URL ${control.url}: no answer (${reason}); is the API running there, and is the port open?`,
      )
    },
  )
  const after = clock.now()
  await response.body?.cancel()
  const date = Date.parse(response.headers.get('date') ?? '')
  const skew = date + HEADER_ERROR_MS - (before + after) / 2
  return [
    await tokenFinding(control),
    Number.isNaN(date)
      ? finding('api clock', 'warn', `${control.url} says no time`)
      : clockFinding('api clock', 'the API', skew, HEADER_ERROR_MS + (after - before) / 2),
  ]
}

async function tokenFinding(control: { readonly url: string; readonly token: string }): Promise<Finding> {
  try {
    const link = createControlLink({ ...control, instance: 'doctor', version: VERSION })
    await link.call({ method: 'GET', path: '/cameras/doctor/open-events', timeoutMs: CALL_MS })
    return finding('control', 'ok', `${control.url}: the token of ${link.worker.split('/')[0]} is taken`)
  } catch (thrown) {
    const { code, message } = toSharpEyesError(thrown)
    const way =
      code === 'not_logged_in' || code === 'forbidden'
        ? '; "sharp-eyes workers add NAME" on the server makes a token, WORKER_TOKEN_FILE holds it'
        : ''
    return finding('control', 'fail', `${control.url}: ${message}${way}`)
  }
}
