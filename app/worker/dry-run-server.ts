import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { DRY_RUN_HEADER, DRY_RUN_PATH, type DryRunLine, writeLine } from '../../adapters/dry-runs/wire.ts'
import { idSchema } from '../../core/config/shared.ts'
import { type DryRunProgress, type DryRuns, problemOf } from '../../core/dry-run.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { checkSecret, pathOf, sendProblem } from './live-server.ts'
import { jsonOf } from './recording-server.ts'

/** Progress is told so often, so that a caller knows that somebody is there. */
const TELL_MS = 1_000

const set = z.strictObject({ zones: z.unknown(), rules: z.unknown() })
const requestSchema = z.strictObject({
  camera: idSchema,
  timezone: z.string().max(100),
  privacy: z.unknown(),
  inForce: set,
  candidate: set,
  from: z.number(),
  to: z.number(),
})

export interface DryRunAnswers {
  /** False: the request is about something else. */
  answer(request: IncomingMessage, response: ServerResponse): boolean
  /** Tells the callers that this worker stops, ends their runs, and takes no more. */
  close(): Promise<void>
}

/** Dry runs for the pages' server and for nobody else. A caller that goes away ends its run. */
export function answerDryRuns(deps: {
  readonly dryRuns: DryRuns
  readonly secret: string
  readonly clock: Clock
  readonly log: Log
}): DryRunAnswers {
  const { clock, log } = deps
  const stop = new AbortController()
  const open = new Set<Promise<void>>()
  const isOurs = checkSecret(deps.secret)

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isOurs(request.headers.authorization))
      throw new SharpEyesError('not_logged_in', 'this worker judges again for the pages of its city only')
    if (request.method !== 'POST') throw new SharpEyesError('bad_request', 'only POST is answered here')
    const asked = requestSchema.safeParse(await jsonOf(request))
    if (!asked.success) throw new SharpEyesError('bad_request', z.prettifyError(asked.error))
    stop.signal.throwIfAborted()
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const signal = AbortSignal.any([gone.signal, stop.signal])
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
    let progress: DryRunProgress = { step: 'waiting', share: 0 }
    const say = (line: DryRunLine) => response.write(writeLine(line))
    const done = new AbortController()
    const telling = (async () => {
      while (!done.signal.aborted) {
        say({ progress })
        await clock.sleep(TELL_MS, done.signal).catch(() => undefined)
      }
    })()
    let last: DryRunLine
    try {
      const onProgress = (now: DryRunProgress) => {
        progress = now
      }
      const id = idOf(request)
      last = { findings: await deps.dryRuns.run(asked.data, { id, signal, onProgress }) }
    } catch (thrown) {
      const error = toSharpEyesError(stop.signal.aborted ? stop.signal.reason : thrown)
      if (error.status === 500 && !gone.signal.aborted)
        log.warn({ camera: asked.data.camera, error: error.message }, 'a dry run failed')
      last = { problem: problemOf(error) }
    }
    done.abort()
    await telling
    say(last)
    response.end()
  }

  return {
    answer(request, response) {
      if (pathOf(request) !== DRY_RUN_PATH) return false
      const answered = answer(request, response).catch((thrown: unknown) => {
        if (response.headersSent) response.destroy()
        else sendProblem(response, toSharpEyesError(thrown))
      })
      open.add(answered)
      void answered.finally(() => open.delete(answered))
      return true
    },
    async close() {
      stop.abort(
        new SharpEyesError('not_ready', 'this worker was stopped during a dry run; start it again', {
          details: { why: 'worker_ended' },
        }),
      )
      await Promise.all(open)
    },
  }
}

/** At most as long as the id of a run is; an older program sends none. */
const idOf = ({ headers }: IncomingMessage): string => {
  const id = headers[DRY_RUN_HEADER]
  return typeof id === 'string' && /^[\w-]{1,36}$/.test(id) ? id : randomUUID()
}
