import { randomBytes } from 'node:crypto'
import type { ErrorRequestHandler, Response } from 'express'
import { MulterError } from 'multer'
import { ZodError, type z } from 'zod'
import { invalidBy } from '../../core/api/invalid.ts'
import type { problemShape } from '../../core/api/shapes.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Log } from '../../core/ports/telemetry.ts'

export type Problem = z.infer<typeof problemShape>

/** RFC 9457 body of an error. An unknown failure tells its number and nothing else: the log has the rest. */
export function toProblem(error: SharpEyesError, instance?: string): Problem {
  const told = error.code !== 'internal'
  const detail = told
    ? error.message
    : `The server failed. Nothing was shown to you that explains it; tell the engineer the number ${instance}.`
  return {
    type: `urn:sharp-eyes:problem:${error.code}`,
    title: error.code.replaceAll('_', ' '),
    status: error.status,
    code: error.code,
    detail,
    ...(instance === undefined ? {} : { instance }),
    ...(told && Object.keys(error.details).length > 0 ? { details: { ...error.details } } : {}),
  }
}

export function sendProblem(response: Response, error: SharpEyesError, instance?: string): void {
  const problem = toProblem(error, instance)
  // Of the file that was going to be sent.
  for (const header of ['ETag', 'Content-Disposition', 'Accept-Ranges']) response.removeHeader(header)
  const wait = error.details.retryAfterSeconds
  if (typeof wait === 'number') response.setHeader('Retry-After', String(wait))
  response.setHeader('Cache-Control', 'no-store')
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem))
}

/** The last middleware: every error of every route leaves as a problem; what is our fault is logged once. */
export function problemHandler(log: Log): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    if (response.headersSent) {
      // Half an answer is out already: cutting the line is the only honest end.
      if (!isGone(thrown)) log.warn({ path: request.path, error: messageOf(thrown) }, 'an answer broke off')
      next(thrown)
      return
    }
    const error = toHttpError(thrown)
    if (error.code === 'forbidden') {
      const who = request.session?.login?.name ?? null
      log.info({ who, method: request.method, path: request.path, why: error.message }, 'refused')
    }
    if (error.status < 500) return sendProblem(response, error)
    const instance = problemNumber()
    log.error(
      { instance, code: error.code, method: request.method, path: request.path, error: stackOf(thrown) },
      'a request failed',
    )
    sendProblem(response, error, instance)
  }
}

/** Eight characters that can be read over the telephone. */
export const problemNumber = (): string => `E-${randomBytes(4).toString('hex').toUpperCase()}`

/** Errors of Express, its body parsers, multer, zod and pg by what they mean for the caller. */
export function toHttpError(thrown: unknown): SharpEyesError {
  if (thrown instanceof SharpEyesError) return thrown
  if (thrown instanceof ZodError) return invalidBy(thrown)
  if (thrown instanceof MulterError) {
    return thrown.code === 'LIMIT_FILE_SIZE'
      ? new SharpEyesError('too_large', 'the file is larger than 20 MB: send a smaller picture')
      : new SharpEyesError('bad_request', `the upload is not one field "file": ${thrown.message}`)
  }
  const facts = factsOf(thrown)
  if (facts.type === 'entity.too.large') {
    return new SharpEyesError('too_large', 'the request body is too large')
  }
  if (facts.type === 'entity.parse.failed') {
    return new SharpEyesError('bad_request', 'the request body is not valid JSON')
  }
  if (isDatabaseAway(facts)) {
    return new SharpEyesError('database_unavailable', 'the database does not answer; try again in a moment', {
      cause: thrown,
    })
  }
  const status = facts.status
  if (status !== undefined && status >= 400 && status < 500) {
    if (status === 404) return new SharpEyesError('not_found', 'there is nothing here')
    return new SharpEyesError('bad_request', 'the request cannot be read')
  }
  return toSharpEyesError(thrown)
}

interface Facts {
  readonly type?: string
  readonly status?: number
  readonly code?: string
  readonly message: string
}

function factsOf(thrown: unknown): Facts {
  if (typeof thrown !== 'object' || thrown === null) return { message: String(thrown) }
  const { type, status, code } = thrown as Record<string, unknown>
  return {
    message: messageOf(thrown),
    ...(typeof type === 'string' ? { type } : {}),
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof code === 'string' ? { code } : {}),
  }
}

/** Refused or reset connections, a server that starts or stops (57P0x), class 08, the pool's own time-outs. */
const isDatabaseAway = ({ code, message }: Facts): boolean =>
  (code !== undefined && /^(ECONNREFUSED|ECONNRESET|57P0\d|08\w{3}|53300)$/.test(code)) ||
  /timeout exceeded when trying to connect|Connection terminated/.test(message)

/** The browser went away in the middle of a file. */
const isGone = (thrown: unknown): boolean => {
  const { code } = factsOf(thrown)
  return code === 'ECONNABORTED' || code === 'ECONNRESET' || code === 'EPIPE'
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
const stackOf = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
