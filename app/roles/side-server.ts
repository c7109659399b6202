import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Health } from '../../core/api/shapes.ts'
import { toSharpEyesError } from '../../core/errors.ts'
import type { Tools } from '../tools.ts'

/**
 * What a role without pages answers on its port: `GET /api/health` (200 once it works, also when parts are degraded; 503
 * before) and `GET /metrics`. Ids of cameras and sensors are in both: the port is for the site's own network. Everything else is left to other listeners, else 404.
 */
export function answerSide(
  server: Server,
  deps: {
    readonly tools: Tools
    readonly health: () => Promise<Health>
    /** Takes the request, or answers false. */
    readonly also?: (request: IncomingMessage, response: ServerResponse) => boolean
  },
): void {
  const { log, metrics } = deps.tools
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').split('?')[0]
    if (request.method === 'GET' && path === '/api/health') {
      const health = await deps.health()
      response.writeHead(health.status === 'starting' ? 503 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(health))
    } else if (request.method === 'GET' && path === '/metrics') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
      response.end(await metrics.text())
    } else if (!deps.also?.(request, response)) {
      response.writeHead(404, { 'content-type': 'application/problem+json' })
      response.end(
        JSON.stringify({ type: 'about:blank', title: 'Not found', status: 404, code: 'not_found' }),
      )
    }
  }
  // Until now every request was told that the process starts.
  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    answer(request, response).catch((error) => {
      log.error({ error: toSharpEyesError(error).message }, 'a request about this process failed')
      response.destroy()
    })
  })
}
