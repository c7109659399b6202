import type { Request, RequestHandler } from 'express'
import { ipKeyGenerator, MemoryStore, type Options, rateLimit } from 'express-rate-limit'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { sendProblem } from '../http/problems.ts'

const MINUTE_MS = 60_000
const LOG_IN_WINDOW_MS = 15 * MINUTE_MS
/** Ten wrong passwords for a name from one address. The name alone allows more, so that a stranger who types it ten times
 * does not lock the duty desk out. */
const PER_NAME_AND_ADDRESS = 10
const PER_NAME = 50
const PER_ADDRESS = 50

/** Counts failed log-ins, by name and by address. Successful ones are free. */
export interface LogInLimits {
  /** Throws `too_many_requests` with the time to wait. */
  check(request: Request, name: string): Promise<void>
  failed(request: Request, name: string): Promise<void>
}

export function createLogInLimits(clock: Clock): LogInLimits {
  const store = new MemoryStore()
  store.init({ windowMs: LOG_IN_WINDOW_MS } as Options)
  const keys = (request: Request, name: string): readonly (readonly [string, number])[] => {
    const address = addressOf(request)
    // Names are compared as typed elsewhere; for counting, case must not give new attempts.
    const person = name.toLowerCase().slice(0, 64)
    return [
      [`both:${address}:${person}`, PER_NAME_AND_ADDRESS],
      [`name:${person}`, PER_NAME],
      [`address:${address}`, PER_ADDRESS],
    ]
  }
  return {
    async check(request, name) {
      for (const [key, limit] of keys(request, name)) {
        const facts = await store.get(key)
        if (!facts || facts.totalHits < limit) continue
        throw tooMany('too many failed log-ins', facts.resetTime, clock.now())
      }
    },
    async failed(request, name) {
      for (const [key] of keys(request, name)) await store.increment(key)
    },
  }
}

/** Requests a minute. One desk in a flood of alerts asks some 350 times, and a person may have a dozen tabs open. */
const PER_SESSION = 3_000
const PER_STRANGER = 600

/** Counts by session; without one, by address. */
export const requestLimit = (clock: Clock): RequestHandler => limitOf(PER_SESSION, PER_STRANGER, clock)

/** A map that is moved about asks for some hundred tiles a minute; they must not stop the desk beside it. */
export const partLimit = (clock: Clock): RequestHandler => limitOf(PER_SESSION, PER_SESSION, clock)

function limitOf(session: number, stranger: number, clock: Clock): RequestHandler {
  const limit = (request: Request): number => (request.session?.login === undefined ? stranger : session)
  return rateLimit({
    windowMs: MINUTE_MS,
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (request) =>
      request.session?.login === undefined ? `address:${addressOf(request)}` : `session:${request.sessionID}`,
    handler: (request, response) => {
      const reset = (request as Request & { rateLimit?: { resetTime?: Date } }).rateLimit?.resetTime
      sendProblem(response, tooMany(`more than ${limit(request)} requests in a minute`, reset, clock.now()))
    },
  })
}

const addressOf = (request: Request): string => ipKeyGenerator(request.ip ?? 'unknown')

function tooMany(what: string, reset: Date | undefined, now: number): SharpEyesError {
  const retryAfterSeconds = Math.max(1, Math.ceil(((reset?.getTime() ?? now + MINUTE_MS) - now) / 1_000))
  return new SharpEyesError('too_many_requests', `${what}; try again in ${retryAfterSeconds} s`, {
    details: { retryAfterSeconds },
  })
}
