import { z } from 'zod'
import { HAZARD_TYPES } from '../catalogue.ts'
import { DRY_RUN_STEPS, dryRunProblem, NOT_REPLAYED, REPLAY_SOURCES } from '../dry-run.ts'
import { severitySchema } from '../event.ts'

const moment = z.iso.datetime()
const span = z.object({ from: moment, to: moment })

/** `POST /api/cameras/{id}/dry-run`: zones and rules in the form of the city file; the last hour where no time is given. */
export const dryRunBody = z.strictObject({
  zones: z.record(z.string(), z.unknown()),
  rules: z.array(z.record(z.string(), z.unknown())).max(200),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
})

/** What one rule of a set raised; `reason`: why it was not judged again, and then nothing was counted. */
const outcome = z.object({
  zone: z.string().nullable(),
  events: z.int().nullable(),
  reason: z.enum(NOT_REPLAYED).nullable(),
  /** What it is judged by: what the model found, as logged, or the recorded pictures. */
  source: z.enum(REPLAY_SOURCES),
  /** Seconds of recording in the span in which it said nothing: the background was learned, or it was too dark. */
  unjudgedS: z.number(),
  /** It asks for weaker finds than the log has; what they would have given is not counted. */
  weakerThanLog: z.boolean(),
  /** Fire and smoke were looked at once when the log was written; in force the rule has them looked at twice. */
  seenOnce: z.boolean(),
})

const ruleRow = z.object({
  rule: z.string(),
  type: z.enum(HAZARD_TYPES),
  /** Null: the set has no such rule. */
  candidate: outcome.nullable(),
  inForce: outcome.nullable(),
  added: z.int(),
  gone: z.int(),
})

const eventRow = z.object({
  /** Its number in the list, from 0: names its picture. */
  n: z.int(),
  /** `added`: only by the candidate; `gone`: only by the rules in force. */
  side: z.enum(['both', 'added', 'gone']),
  rule: z.string(),
  type: z.enum(HAZARD_TYPES),
  zone: z.string().nullable(),
  severity: severitySchema,
  since: moment,
  at: moment,
  end: moment.nullable(),
  score: z.number(),
  box: z.tuple([z.number(), z.number(), z.number(), z.number()]).nullable(),
})

const progress = z.object({ step: z.enum(DRY_RUN_STEPS), share: z.number() })

/** What a run waits for. Only admins try rules and may read any run: whose it is, is no secret among them. */
const aheadShape = z.object({
  /** So many have their turn before it, the one that is judged now included. */
  runs: z.int(),
  /** Null: who runs it is not known here. `mine`: the reader began it, on another page. */
  now: z.object({ mine: z.boolean(), camera: z.string(), progress }).nullable(),
})

export const dryRunShape = z.object({
  id: z.uuid(),
  camera: z.string(),
  who: z.string(),
  at: moment,
  span,
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  progress,
  /** Null: it waits behind no other run. */
  ahead: aheadShape.nullable(),
  problem: dryRunProblem.nullable(),
  result: z
    .object({
      rules: z.array(ruleRow),
      /** The first 500 in the order of time; `total`: all. */
      events: z.array(eventRow),
      total: z.int(),
      log: z.object({
        pictures: z.int(),
        looks: z.int(),
        lost: z.int(),
        /** The log is complete from this score on; null: nothing was logged. */
        scoreFrom: z.number().nullable(),
        stretches: z.array(span),
      }),
      /** The recorded pictures that rules over pixels were judged by; null: there was no such rule. */
      recording: z
        .object({
          pictures: z.int(),
          /** Key frames that could not be decoded. */
          damaged: z.int(),
          stretches: z.array(span),
          /** Seconds of recording judged in one second; null: none was. */
          speed: z.number().nullable(),
          /** So much recording is judged at once, by what was measured on the worker. */
          longestS: z.int(),
        })
        .nullable(),
      away: z.array(z.string()),
    })
    .nullable(),
})
export type DryRunItem = z.infer<typeof dryRunShape>
