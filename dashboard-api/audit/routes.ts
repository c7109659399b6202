import { z } from 'zod'
import type { Role } from '../../core/actor.ts'
import {
  auditCheckpointsShape,
  auditEntryShape,
  auditProofShape,
  auditTreeShape,
} from '../../core/api/audit.ts'
import { listShape } from '../../core/api/shapes.ts'
import { CHANGE_TOPICS } from '../../core/changes.ts'
import type { RouteSpec } from '../http/route.ts'

const READERS: readonly Role[] = ['auditor']

const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
const search = {
  /** Exact name of a person or of a part of the machine. */
  who: z.string().trim().min(1).max(200).optional(),
  /** Id or number of an alert, case or camera. */
  object: z.string().trim().min(1).max(200).optional(),
  /** A topic, for example `look`, or an action of one: `look.original`. */
  action: z
    .string()
    .regex(/^[a-z_]{1,30}(\.[a-z_]{1,40})?$/, 'is like "look" or "look.original"')
    .refine((text) => (CHANGE_TOPICS as readonly string[]).includes(text.split('.')[0] ?? ''), {
      message: `begins with one of ${CHANGE_TOPICS.join(', ')}`,
    })
    .optional(),
  /** [from, to), at most 92 days; absent: the last 7 days. */
  from: moment.optional(),
  to: moment.optional(),
}
const limit = z.coerce.number().int().min(1).max(200).default(50)

/** The audit log: lines of the route table. */
export const auditRoutes = {
  audit: {
    method: 'get',
    path: '/api/audit',
    summary: 'Who did or looked at what, and why, newest first; the search is an entry of the log itself',
    access: READERS,
    query: z.object({ ...search, cursor: z.string().max(300).optional(), limit }),
    answer: { kind: 'json', status: 200, schema: listShape(auditEntryShape) },
  },
  auditSheet: {
    method: 'get',
    path: '/api/audit.csv',
    summary: 'The same as CSV, at most 10,000 entries; no cell is a formula',
    access: READERS,
    query: z.object(search),
    answer: { kind: 'sent', media: 'text/csv', what: 'the entries' },
  },
  auditTree: {
    method: 'get',
    path: '/api/audit/tree',
    summary: 'The Merkle tree of the log, its newest checkpoint, and what the last check found',
    access: READERS,
    answer: { kind: 'json', status: 200, schema: auditTreeShape },
  },
  auditProof: {
    method: 'get',
    path: '/api/audit/proof',
    summary: 'One entry and its inclusion proof (RFC 6962) against the newest checkpoint',
    access: READERS,
    query: z.object({ pos: z.string().regex(/^[1-9]\d{0,15}$/) }),
    answer: { kind: 'json', status: 200, schema: auditProofShape },
    problems: ['not_found'],
  },
  auditCheckpoints: {
    method: 'get',
    path: '/api/audit/checkpoints',
    summary: 'Signed checkpoints, newest first',
    access: READERS,
    query: z.object({ before: z.coerce.number().int().min(1).optional(), limit }),
    answer: { kind: 'json', status: 200, schema: auditCheckpointsShape },
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
export type AuditSearch = z.output<typeof auditRoutes.auditSheet.query>
