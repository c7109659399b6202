import express, { type Request, type RequestHandler, type Response, type Router } from 'express'
import type { z } from 'zod'
import { invalidBy } from '../../core/api/invalid.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Metrics } from '../../core/ports/telemetry.ts'
import { hasAny, type PersonActor } from '../auth/people.ts'
import type { Sessions } from '../auth/session.ts'
import { type Call, expressPath, type Handlers, type RouteSpec } from './route.ts'
import { isLoopback, refuseForeignCalls, showsToken } from './security.ts'
import { refuseBrokenText } from './text.ts'

export interface RouterDeps {
  readonly sessions: Sessions
  readonly requestLimit: RequestHandler
  /** Of routes that are asked for in `parts`. */
  readonly partLimit: RequestHandler
  readonly publicUrl: string | undefined
  readonly monitoringToken: string | null
  readonly clock: Clock
  readonly metrics: Metrics
}

type AnyHandler = (call: Call<RouteSpec>) => Promise<unknown>

const JSON_LIMIT = '64kb'
const parsers = new Map<string, RequestHandler>()

function jsonParser(limit: string): RequestHandler {
  const known = parsers.get(limit) ?? express.json({ limit })
  parsers.set(limit, known)
  return known
}

/**
 * One Express route for each line of the table. In this order: session, request limit, origin and own header, role
 * (403), forced password change, body size and syntax, path and query, then the handler: object (404), content (422).
 */
export function createRouter<Table extends Readonly<Record<string, RouteSpec>>>(
  table: Table,
  handlers: Handlers<Table>,
  deps: RouterDeps,
): Router {
  const router = express.Router()
  for (const name of Object.keys(table)) {
    const spec = table[name] as RouteSpec
    // The table's own types tie each handler to its line; here they are all alike.
    const handler = handlers[name] as unknown as AnyHandler
    router[spec.method](expressPath(spec.path), async (request, response) => {
      const began = deps.clock.now()
      // A stream lasts for hours: that is no measure of how quickly the server answers.
      if (spec.answer.kind === 'sent' && spec.answer.media === 'text/event-stream') {
        return serve(spec, handler, request, response, deps)
      }
      response.once('close', () => {
        const seconds = (deps.clock.now() - began) / 1_000
        deps.metrics.observe(
          'http_request_seconds',
          { route: name, status: `${response.statusCode}` },
          seconds,
        )
      })
      await serve(spec, handler, request, response, deps)
    })
  }
  return router
}

async function serve(
  spec: RouteSpec,
  handler: AnyHandler,
  request: Request,
  response: Response,
  deps: RouterDeps,
): Promise<void> {
  const actor = await admit(spec, request, response, deps)
  if (response.headersSent) return // refused by the request limit
  response.setHeader('Cache-Control', 'no-store')
  if (spec.body) await run(jsonParser(spec.bodyLimit ?? JSON_LIMIT), request, response)
  const call: Call<RouteSpec> = {
    request,
    response,
    actor: actor as PersonActor,
    params: spec.params ? pathOf(spec.params, request) : undefined,
    query: spec.query ? parse(spec.query, request.query) : undefined,
    body: () => parse(spec.body as z.ZodType, bodyOf(request)) as never,
    raw: () => bodyOf(request),
  } as Call<RouteSpec>
  const result = await handler(call)
  const { answer } = spec
  if (answer.kind === 'json' && !response.headersSent) response.status(answer.status).json(result)
  else if (answer.kind === 'empty') response.status(204).end()
}

/** Who asks, when they may; null: nobody has to be known. */
async function admit(
  spec: RouteSpec,
  request: Request,
  response: Response,
  { sessions, requestLimit, partLimit, publicUrl, monitoringToken }: RouterDeps,
): Promise<PersonActor | null> {
  const changes = spec.method !== 'get'
  // Without the session store: health and metrics have to answer while the database is away.
  if (spec.access === 'anyone' && !changes) {
    await run(requestLimit, request, response)
    return null
  }
  if (spec.loopback && (isLoopback(request) || showsToken(request, monitoringToken))) return null
  await run(sessions.middleware, request, response)
  await run(spec.parts ? partLimit : requestLimit, request, response)
  if (response.headersSent) return null
  if (changes) refuseForeignCalls(request, publicUrl)
  if (spec.access === 'anyone') return null
  const person = await sessions.person(request)
  if (person.mustChange && !spec.beforePasswordChange) {
    throw new SharpEyesError('password_change_required', 'choose a password of your own first')
  }
  if (!hasAny(person.actor, spec.access)) {
    throw new SharpEyesError('forbidden', `this needs the role ${spec.access.join(' or ')}`, {
      details: { roles: spec.access },
    })
  }
  return person.actor
}

/** Runs a middleware of others; resolves when it has called `next` or has answered. */
function run(middleware: RequestHandler, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    response.once('finish', resolve)
    Promise.resolve(
      middleware(request, response, (error?: unknown) => {
        if (error === undefined || error === null) resolve()
        else reject(error instanceof Error ? error : new Error(String(error)))
      }),
    ).catch(reject)
  })
}

/** A path that cannot name anything names nothing: 404, not 422. */
function pathOf(schema: z.ZodObject, request: Request): unknown {
  const result = schema.safeParse(request.params)
  if (result.success) return result.data
  throw new SharpEyesError('not_found', 'there is nothing under this address')
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  refuseBrokenText(value)
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw invalidBy(result.error)
}

function bodyOf(request: Request): Readonly<Record<string, unknown>> {
  const body: unknown = request.body
  refuseBrokenText(body)
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>
  throw new SharpEyesError('invalid', 'the body must be a JSON object, sent as application/json')
}
