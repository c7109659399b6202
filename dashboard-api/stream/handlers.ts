import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { SessionWatch } from '../auth/watch.ts'
import type { Handlers } from '../http/route.ts'
import type { ROUTES } from '../routes.ts'
import { runClient } from './client.ts'
import type { Pulse } from './pulse.ts'
import { type ChangeReader, readBounds } from './reader.ts'

/** Twelve tabs on two screens; more is a page that forgets to close its streams. */
const MAX_STREAMS_PER_PERSON = 48

export interface StreamHandlers extends Handlers<Pick<typeof ROUTES, 'stream'>> {
  closeAll(): void
}

export function streamHandlers(deps: {
  database: Database
  reader: () => Promise<ChangeReader>
  claims: () => Promise<Pulse>
  watch: SessionWatch
  clock: Clock
  log: Log
  metrics: Metrics
}): StreamHandlers {
  const { database, watch, metrics, log } = deps
  const open = new Map<AbortController, string>()
  const gauge = () => metrics.gauge('stream_clients', {}, open.size)

  return {
    closeAll() {
      for (const stop of open.keys()) stop.abort()
    },
    async stream({ request, response, query, actor }) {
      const login = request.session.login
      if (!login) throw new SharpEyesError('not_logged_in', 'log in first')
      const asked = request.get('Last-Event-ID') || query.after || undefined
      if (asked !== undefined && !/^\d{1,19}$/.test(asked)) {
        throw new SharpEyesError(
          'invalid',
          'after: a position is a whole number, as "asOf" of a list says it',
        )
      }
      if ([...open.values()].filter((name) => name === actor.name).length >= MAX_STREAMS_PER_PERSON) {
        throw new SharpEyesError(
          'too_many_requests',
          `${actor.name} has ${MAX_STREAMS_PER_PERSON} streams open`,
          {
            details: { retryAfterSeconds: 30 },
          },
        )
      }
      const reader = await deps.reader()
      const claims = await deps.claims()
      const { head, oldest } = await readBounds(database)
      const after = asked === undefined ? head : BigInt(asked)
      // Too old: the next row is gone. In the future: a database that was restored from yesterday.
      const reset = after > head || (after < head && (oldest === null || after + 1n < oldest))

      const stop = new AbortController()
      open.set(stop, actor.name)
      gauge()
      response.on('close', () => stop.abort())
      response.on('error', () => stop.abort())
      using _watched = watch.add({ sid: request.sessionID, login, actor, onEnd: () => stop.abort() })
      response.status(200)
      response.setHeader('Content-Type', 'text/event-stream; charset=utf-8')
      response.setHeader('Cache-Control', 'no-cache, no-transform')
      response.setHeader('X-Accel-Buffering', 'no')
      response.flushHeaders()
      if (request.method === 'HEAD') stop.abort()
      try {
        await runClient(
          { response, actor, after: reset ? head : after, reset, signal: stop.signal },
          { ...deps, reader, claims },
        )
      } catch (error) {
        // The database went away in the middle: the browser comes back with Last-Event-ID.
        log.warn(
          { error: error instanceof Error ? error.message : String(error) },
          'a change stream broke off',
        )
      } finally {
        open.delete(stop)
        gauge()
        // A slow reader never empties its buffer: `end` would wait for it for ever.
        if (response.writableLength > 0) response.destroy()
        else response.end()
      }
    },
  }
}
