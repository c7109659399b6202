import express, { type ErrorRequestHandler, type Request, type Response, type Router } from 'express'
import type { z } from 'zod'
import { invalidBy } from '../../core/api/invalid.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { InboundMessage } from '../../core/topics.ts'
import type { DurationMs } from '../../core/units.ts'
import { sendProblem, toHttpError } from '../http/problems.ts'
import { authenticate, type CallingWorker } from './auth.ts'
import { doneBody, failedBody, holdBody, messagesBody, releaseBody, unneededBody } from './bodies.ts'
import type { WorkerPorts } from './ports.ts'
import { createEvidenceUploads } from './uploads.ts'

export interface WorkerApiDeps extends WorkerPorts {
  /** Where evidence lies until its hash is known; made when it is missing. */
  readonly uploadFolder: string
  readonly version: string
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly maxEvidenceBytes?: number
}

/** A database that hangs is away, too: the worker must hear it while its own time-out (10 s) and its lease still run. */
const DATABASE_LIMIT_MS: DurationMs = 6_000
/** One transaction a batch, on a busy machine. */
const INBOX_LIMIT_MS: DurationMs = 30_000

/** Bytes without a row are collected after a day: who relies on older ones must put them again. */
const FRESH_MS: DurationMs = 12 * 3_600_000

const SHA256 = /^[0-9a-f]{64}$/
/** Of 256 cameras the status has some 100 kB; messages come in batches of about 1 MB. */
const parseJson = express.json({ limit: '8mb' })

interface Call {
  readonly worker: CallingWorker
  readonly request: Request
  readonly response: Response
}

/**
 * The server's side for workers on other machines, mounted at /api/worker. Each call shows a token and acts under the
 * name that this token and the process give it, whatever the body says. No cookies, no session. Errors are problems
 * (RFC 9457); `database_unavailable` is the one word on which a worker keeps its cameras.
 */
export function createWorkerApi(deps: WorkerApiDeps): Router {
  const { controlPlane, transport, evidence, pictures, tokens, clock, log, metrics, version } = deps
  const uploads = createEvidenceUploads({
    folder: deps.uploadFolder,
    evidence,
    clock,
    ...(deps.maxEvidenceBytes === undefined ? {} : { maxBytes: deps.maxEvidenceBytes }),
  })
  const router = express.Router()

  const inTime = async <T>(work: Promise<T>, limitMs: DurationMs): Promise<T> => {
    const over = new AbortController()
    const late = clock.sleep(limitMs, over.signal).then(() => {
      throw new SharpEyesError(
        'database_unavailable',
        `the database does not answer within ${limitMs / 1_000} s`,
      )
    })
    late.catch(() => undefined) // aborted: the work was in time
    try {
      return await Promise.race([work, late])
    } finally {
      over.abort()
      work.catch(() => undefined) // too late to be told to anybody
    }
  }
  const database = <T>(work: Promise<T>) => inTime(work, DATABASE_LIMIT_MS)

  const on = (method: 'get' | 'head' | 'post' | 'put', path: string, handle: (call: Call) => Promise<void>) =>
    router[method](path, async (request, response) => {
      const began = clock.now()
      response.once('close', () =>
        metrics.observe(
          'worker_api_seconds',
          { call: `${method} ${path}`, status: `${response.statusCode}` },
          (clock.now() - began) / 1_000,
        ),
      )
      response.setHeader('Cache-Control', 'no-store')
      // Before the body: who shows no token sends us nothing to parse or to keep.
      const worker = await database(authenticate(request, tokens, version))
      await handle({ worker, request, response })
    })
  const onJson = <S extends z.ZodType>(
    path: string,
    schema: S,
    handle: (call: Call & { readonly body: z.output<S> }) => Promise<void>,
  ) => on('post', path, async (call) => handle({ ...call, body: await bodyOf(call, schema) }))

  on('get', '/time', async ({ worker, response }) => {
    const now = clock.now()
    response.json({ receivedAt: now, answeredAt: now, worker: worker.name, version })
  })

  onJson('/hold', holdBody, async ({ worker, response, body }) => {
    const receivedAt = clock.now()
    const facts = { ...body.facts, name: worker.name }
    const holding = await database(controlPlane.hold(facts, body.capacity, body.status))
    response.json({ holding, receivedAt, answeredAt: clock.now() })
  })

  onJson('/release', releaseBody, async ({ worker, response, body }) => {
    await database(controlPlane.release(worker.name, body.cameras))
    response.status(204).end()
  })

  on('get', '/cameras/:id/open-events', async ({ request, response }) => {
    response.json({ events: await database(controlPlane.openEvents(`${request.params.id}`)) })
  })

  onJson('/messages', messagesBody, async ({ worker, response, body }) => {
    const messages = body.messages.map((message) => ({
      ...message,
      data: { ...message.data, worker: worker.name },
    }))
    // What is no message after all, the inbox puts aside with its bytes.
    await inTime(transport.send(messages as unknown as readonly InboundMessage[]), INBOX_LIMIT_MS)
    metrics.count('worker_messages_total', {}, messages.length)
    response.status(204).end()
  })

  on('head', '/evidence/:sha256', async ({ request, response }) => {
    const there = await evidence.has(shaOf(request), clock.now() - FRESH_MS)
    if (!there) throw new SharpEyesError('not_found', 'these bytes are not here')
    response.status(200).end()
  })

  on('put', '/evidence/:sha256', async ({ request, response }) => {
    const stored = await uploads.take(request, shaOf(request))
    metrics.count('worker_evidence_bytes_total', {}, stored.bytes)
    response.status(201).json(stored)
  })

  onJson('/pictures/unneeded', unneededBody, async ({ worker, response, body }) => {
    response.json({ pins: await database(pictures.unneeded(worker.name, body.pins)) })
  })
  on('post', '/pictures/next', async ({ worker, response }) => {
    response.json({ task: await database(pictures.next(worker.name)) })
  })
  onJson('/pictures/:id/done', doneBody, async ({ worker, request, response, body }) => {
    // A row never names bytes that are not there (invariant 7), whoever says that they are.
    for (const { sha256 } of body.made) {
      if (await evidence.has(sha256, 0)) continue
      throw new SharpEyesError('invalid', `made: the bytes of ${sha256} are not here; put them first`)
    }
    await database(pictures.done(worker.name, taskOf(request), body.made))
    response.status(204).end()
  })
  onJson('/pictures/:id/failed', failedBody, async ({ worker, request, response, body }) => {
    await database(pictures.failed(worker.name, taskOf(request), body.error, body.final))
    response.status(204).end()
  })

  router.use((request) => {
    throw new SharpEyesError(
      'not_found',
      `there is nothing for workers under ${request.method} ${request.path}`,
    )
  })
  router.use(refusing(log, metrics))
  return router
}

/** What a worker is told; what is our fault goes on to be logged. An outage is one fact, not a line for every call. */
function refusing(log: Log, metrics: Metrics): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    const error = toHttpError(thrown)
    metrics.count('worker_api_failures_total', { code: error.code })
    if (response.headersSent || error.code === 'internal') return next(thrown)
    const worker = request.get('x-sharp-eyes-worker')?.slice(0, 64) ?? null
    const level = error.status === 401 || error.status === 403 ? 'info' : 'debug'
    log[level]({ worker, path: request.path, code: error.code, why: error.message }, 'a worker was refused')
    // The rest of a body that nobody reads would be taken for the next request.
    if (!request.complete) response.setHeader('Connection', 'close')
    sendProblem(response, error)
  }
}

async function bodyOf<S extends z.ZodType>({ request, response }: Call, schema: S): Promise<z.output<S>> {
  await new Promise<void>((resolve, reject) => {
    parseJson(request, response, (error?: unknown) => {
      if (error === undefined || error === null) resolve()
      else reject(error instanceof Error ? error : new Error(String(error)))
    })
  })
  const result = schema.safeParse(request.body)
  if (result.success) return result.data
  throw invalidBy(result.error)
}

function shaOf(request: Request): string {
  const { sha256 } = request.params
  if (typeof sha256 === 'string' && SHA256.test(sha256)) return sha256
  throw new SharpEyesError(
    'invalid',
    'evidence is named by the SHA-256 of its bytes: 64 hex digits, lower case',
  )
}

function taskOf(request: Request): string {
  const { id } = request.params
  if (typeof id === 'string' && /^[\w-]{1,64}$/.test(id)) return id
  throw new SharpEyesError('not_found', 'there is no such picture')
}
