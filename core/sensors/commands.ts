import { z } from 'zod'
import type { Actor, Role } from '../actor.ts'
import { ruled } from '../api/schema-fault.ts'
import type { RawInput } from '../case/command.ts'
import type { EpochMs } from '../units.ts'
import { FLAG_CODES } from './flags.ts'

/** Who may say that readings are no basis. */
export const MARK_ROLES = ['operator', 'admin'] as const satisfies readonly Role[]

const DAY_MS = 86_400_000
/** Everything in a mark's time is judged again in one transaction. */
const MAX_MARK_DAYS = 31
const MAX_AHEAD_DAYS = 31

const time = z.iso.datetime().transform((text) => Date.parse(text))

/** A mark as it is sent: times of readings in UTC, both included. */
export const markBody = z.strictObject({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  flag: z.enum(FLAG_CODES),
  reason: z
    .string()
    .trim()
    .min(2, 'a mark needs a written reason')
    .max(500)
    .regex(/^[^\0]*$/, 'has a NUL character, which no text may have'),
})
export type MarkInput = z.input<typeof markBody>

/** What is right about a mark at `now`; `from` and `to` become epoch ms. */
export const markInputSchema = (now: EpochMs) =>
  markBody.extend({ from: time, to: time }).superRefine(({ from, to }, context) => {
    const fault = (path: string, message: string, rule: ReturnType<typeof ruled>) =>
      context.addIssue({ code: 'custom', path: [path], message, ...rule })
    if (to < from) fault('to', 'is before "from"', ruled('before', { key: 'from' }))
    if (to - from > MAX_MARK_DAYS * DAY_MS)
      fault(
        'to',
        `a mark covers at most ${MAX_MARK_DAYS} days; write several`,
        ruled('span_days', { days: `${MAX_MARK_DAYS}` }),
      )
    if (to > now + MAX_AHEAD_DAYS * DAY_MS)
      fault(
        'to',
        `is more than ${MAX_AHEAD_DAYS} days ahead`,
        ruled('ahead_days', { days: `${MAX_AHEAD_DAYS}` }),
      )
  })

/** Implemented in alerts/sensors: no route writes a table of sensors. */
export interface SensorCommands {
  /** Writes down what readings are worth, and judges them again. A mark is never changed; a later one may say otherwise. */
  mark(sensor: string, input: MarkInput | RawInput, actor: Actor): Promise<{ readonly id: string }>
}
