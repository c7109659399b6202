import type { IncomingMessage, ServerResponse } from 'node:http'
import { PROBE_PATH } from '../../adapters/camera-probe/wire.ts'
import { workerProbeBody } from '../../core/api/camera-setup.ts'
import type { CameraProbe } from '../../core/camera-setup.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { checkSecret, pathOf, sendProblem } from './live-server.ts'
import { jsonOf } from './recording-server.ts'

/** Probes for the pages' server and for nobody else. A caller that goes away ends its probe. */
export function answerProbes(deps: {
  readonly probe: CameraProbe
  readonly secret: string
  readonly log: Log
}): (request: IncomingMessage, response: ServerResponse) => boolean {
  const isOurs = checkSecret(deps.secret)

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isOurs(request.headers.authorization))
      throw new SharpEyesError('not_logged_in', 'this worker looks at cameras for the pages of its city only')
    if (request.method !== 'POST') throw new SharpEyesError('bad_request', 'only POST is answered here')
    const asked = workerProbeBody.safeParse(await jsonOf(request))
    // What is wrong is not repeated: it may hold a password.
    if (!asked.success) throw new SharpEyesError('bad_request', 'this is no address with an optional login')
    const { url, user, password, hide } = asked.data
    const login = user === undefined || password === undefined ? null : { user, password }
    const gone = new AbortController()
    response.on('close', () => gone.abort(new Error('nobody waits for the answer')))
    const probed = await deps.probe.probe(url, login, gone.signal, hide)
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(JSON.stringify(probed))
  }

  return (request, response) => {
    if (pathOf(request) !== PROBE_PATH) return false
    answer(request, response).catch((thrown: unknown) => {
      const error = toSharpEyesError(thrown)
      if (error.status === 500 && !response.closed)
        deps.log.warn({ error: error.message }, 'a camera could not be looked at')
      if (response.headersSent) response.destroy()
      else sendProblem(response, error)
    })
    return true
  }
}
