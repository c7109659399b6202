import { z } from 'zod'

/** Shapes of the coverage and health desk: `GET /api/coverage/day`, `GET /api/health/workers`. */

const label = z.object({ zh: z.string(), en: z.string() })
const at = z.iso.datetime()

/** Whole seconds of one camera: watched for at least one of its types, and pulled without any. The rest: nobody. */
const secondsShape = z.object({ watched: z.int(), pulled: z.int() })

export const coverageDayShape = z.object({
  /** Of the city. */
  day: z.iso.date(),
  timezone: z.string(),
  /** As of when it was read; a day that is not over counts up to then. */
  at,
  /** When each hour of the day begins: 24, or 23 or 25 where the clocks change. */
  hours: z.array(at),
  /** Seconds of each hour that have passed. */
  elapsed: z.array(z.int()),
  /** Of all cameras together, and how many seconds that could have been. */
  total: secondsShape.extend({ possible: z.int() }),
  /** The least watched first. */
  cameras: z.array(
    z.object({ id: z.string(), name: label, total: secondsShape, hours: z.array(secondsShape) }),
  ),
})
export type CoverageDay = z.infer<typeof coverageDayShape>

export const workerItemShape = z.object({
  name: z.string(),
  version: z.string(),
  /** Id of the model that it analyses with; null: none. */
  model: z.string().nullable(),
  /** Heard of within 20 s. `silent`: it did not say good-bye. `gone`: it did. */
  state: z.enum(['present', 'silent', 'gone']),
  cameras: z.int(),
  capacity: z.int(),
  /** Its clock minus ours; null: not measured. */
  clockSkewMs: z.number().nullable(),
  startedAt: at.nullable(),
  lastSeenAt: at,
})
export type WorkerItem = z.infer<typeof workerItemShape>
export const workersShape = z.object({ items: z.array(workerItemShape), at })
