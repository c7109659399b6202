import { z } from 'zod'
import type { Role } from '../../core/actor.ts'
import { eventsShape, replayShape } from '../../core/api/history.ts'
import { HAZARD_TYPES } from '../../core/catalogue.ts'
import { EVENT_KINDS } from '../../core/event.ts'
import type { RouteSpec } from '../http/route.ts'

/** City-wide roles. Officers see the matters of their department, and an event belongs to none. */
const EVENT_READERS: readonly Role[] = ['operator', 'verifier', 'investigator', 'auditor', 'admin']
/** A place's replay tells of its cases: not the engineers' business. */
const PLACE_READERS: readonly Role[] = ['operator', 'verifier', 'investigator', 'auditor']
const CASE_READERS: readonly Role[] = ['operator', 'officer', 'verifier', 'investigator', 'auditor']

/** `a,b` → ['a', 'b'] */
const words = <T extends readonly [string, ...string[]]>(list: T) =>
  z
    .string()
    .max(1_000)
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(list)).min(1))
const sourceId = z.string().min(1).max(64)
const sources = z
  .string()
  .max(2_000)
  .transform((text) => text.split(','))
  .pipe(z.array(sourceId).min(1).max(50))
const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
/** [from, to), or one day of the city; absent: the last 24 hours. */
const span = { from: moment.optional(), to: moment.optional(), day: z.iso.date().optional() }
const paging = {
  /** `next` of the page before. */
  cursor: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
}
/** `full`: also the updates that an open event sends every 30 s. */
const detail = z.enum(['short', 'full']).default('short')

/** History of events, and replays: lines of the route table. */
export const eventRoutes = {
  events: {
    method: 'get',
    path: '/api/events',
    summary:
      'Messages of events, newest first, of at most 31 days; `bucket=day`: how many a day and type, of at most 400 days',
    access: EVENT_READERS,
    query: z.object({
      source: sources.optional(),
      sourceKind: z.enum(['camera', 'sensor']).optional(),
      type: words(HAZARD_TYPES).optional(),
      /** A zone belongs to a source: give `source` too. */
      zone: z.string().min(1).max(64).optional(),
      severity: words(['1', '2', '3', '4']).optional(),
      kind: words(EVENT_KINDS).optional(),
      ...span,
      bucket: z.literal('day').optional(),
      ...paging,
    }),
    answer: { kind: 'json', status: 200, schema: eventsShape },
  },
  replayCase: {
    method: 'get',
    path: '/api/cases/{no}/replay',
    summary: 'The case and its alert as they happened, oldest first, from the logs',
    access: CASE_READERS,
    params: z.object({ no: z.string().regex(/^\d{4}-\d{6,}$/) }),
    query: z.object({ detail, ...paging }),
    answer: { kind: 'json', status: 200, schema: replayShape },
    problems: ['not_found'],
  },
  replayPlace: {
    method: 'get',
    path: '/api/replay',
    summary: 'What happened at one camera or sensor, oldest first, of at most 31 days',
    access: PLACE_READERS,
    query: z.object({ source: sourceId, ...span, detail, ...paging }),
    answer: { kind: 'json', status: 200, schema: replayShape },
  },
} as const satisfies Readonly<Record<string, RouteSpec>>

export type EventQuery = z.output<typeof eventRoutes.events.query>
