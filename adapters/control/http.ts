import { z } from 'zod'
import { SharpEyesError } from '../../core/errors.ts'
import type { HazardEvent } from '../../core/event.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { ControlPlane, Holding } from '../../core/ports/control.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { DurationMs } from '../../core/units.ts'
import type { ControlLink } from './link.ts'

/** Longer than the server takes to say that its database is away, and far shorter than a lease. */
const CALL_LIMIT_MS = 10_000
/** A clock that is wrong by more is said aloud: pictures of two workers would tell different times of one fire. */
const SKEW_TO_SAY_MS = 2_000

/** What the server is expected to say; the rest of a camera's configuration is its own business. */
const holdAnswer = z.object({
  holding: z.object({
    city: z.object({ timezone: z.string() }),
    sensors: z.array(z.looseObject({ id: z.string() })),
    cameras: z.array(
      z.object({
        camera: z.looseObject({ id: z.string() }),
        version: z.int(),
        epoch: z.int(),
        until: z.number(),
      }),
    ),
    left: z.array(z.string()),
    // A server of before did not say it.
    strays: z.array(z.object({ camera: z.string(), event: z.string() })).default([]),
  }),
  receivedAt: z.number(),
  answeredAt: z.number(),
})
const eventsAnswer = z.object({ events: z.array(z.looseObject({ id: z.string() })) })

/** How far this machine's clock is ahead of the server's (negative: behind), and how wrong that may be. */
export interface ClockSkew {
  readonly ms: DurationMs
  readonly errorMs: DurationMs
}

export interface HttpControlPlane extends ControlPlane {
  /** As measured by the last `hold`; null before the first. Also the gauge `worker_clock_skew_seconds`. */
  readonly skew: ClockSkew | null
}

/**
 * The ControlPlane of a worker on another machine. Whatever name it is called with, it acts as `link.worker`. Throws
 * `transport_unavailable` when nobody answers, and `database_unavailable` only when the server says that.
 */
export function createHttpControlPlane(deps: {
  readonly link: ControlLink
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}): HttpControlPlane {
  const { link, clock, log, metrics } = deps
  let skew: ClockSkew | null = null
  let said = false

  const measure = (sent: number, received: number, got: number, answered: number): void => {
    skew = {
      ms: (sent + received - got - answered) / 2,
      errorMs: Math.max(0, (received - sent - (answered - got)) / 2),
    }
    metrics.gauge('worker_clock_skew_seconds', {}, skew.ms / 1_000)
    const wrong = Math.abs(skew.ms) - skew.errorMs > SKEW_TO_SAY_MS
    if (wrong && !said) {
      log.warn(
        { skewMs: Math.round(skew.ms) },
        "the clock of this machine differs from the server's: the times of its pictures are wrong by as much; let NTP set it",
      )
    }
    said = wrong
  }

  return {
    get skew() {
      return skew
    },
    async hold(worker, capacity, status) {
      const sent = clock.now()
      const answer = await link.call({
        method: 'POST',
        path: '/hold',
        json: { facts: { ...worker, clockSkewMs: skew?.ms ?? null }, capacity, status },
        timeoutMs: CALL_LIMIT_MS,
      })
      const received = clock.now()
      const { holding, receivedAt, answeredAt } = understood(holdAnswer, answer)
      measure(sent, received, receivedAt, answeredAt)
      return holding as unknown as Holding
    },
    async release(_worker, cameras) {
      await link.call({ method: 'POST', path: '/release', json: { cameras }, timeoutMs: CALL_LIMIT_MS })
    },
    async openEvents(camera) {
      const path = `/cameras/${encodeURIComponent(camera)}/open-events`
      const answer = await link.call({ method: 'GET', path, timeoutMs: CALL_LIMIT_MS })
      return understood(eventsAnswer, answer).events as unknown as readonly HazardEvent[]
    },
  }
}

/** An answer that is none of ours is as good as no answer: nothing may be done on its word. */
export function understood<T extends z.ZodType>(schema: T, answer: unknown): z.output<T> {
  const result = schema.safeParse(answer)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new SharpEyesError(
    'transport_unavailable',
    `the server's answer cannot be read (${issue?.path.join('.') || 'body'}: ${issue?.message}); are server and worker of the same version?`,
  )
}
