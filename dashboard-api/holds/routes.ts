import { z } from 'zod'
import { holdBody, holdsShape, placedHoldShape } from '../../core/api/holds.ts'
import { EVIDENCE_KEEPERS } from '../../core/evidence.ts'
import type { RouteSpec } from '../http/route.ts'

const caseNo = z.object({ no: z.string().regex(/^\d{4}-\d{6,}$/) })
const objectId = z.object({ id: z.uuid() })
const holdId = { hold: z.uuid() }
const KEPT = { access: EVIDENCE_KEEPERS, body: holdBody, problems: ['not_found', 'state_conflict'] } as const

/** Places a hold on what `path` names. */
const hold = <Params extends z.ZodObject>(path: string, params: Params, summary: string) =>
  ({
    ...KEPT,
    method: 'post',
    path: `${path}/holds`,
    summary,
    params,
    answer: { kind: 'json', status: 201, schema: placedHoldShape },
  }) as const

/** Releases one of its holds. */
const release = <Params extends z.ZodObject>(path: string, params: Params, summary: string) =>
  ({
    ...KEPT,
    method: 'delete',
    path: `${path}/holds/{hold}`,
    summary,
    params,
    answer: { kind: 'empty' },
  }) as const

/** Holds 证据保全: lines of the route table. */
export const holdRoutes = {
  holds: {
    method: 'get',
    path: '/api/holds',
    summary: 'Holds of alerts, cases and kept recordings: those in force first, then the newest, at most 500',
    access: EVIDENCE_KEEPERS,
    answer: { kind: 'json', status: 200, schema: holdsShape },
  },
  holdCase: hold(
    '/api/cases/{no}',
    caseNo,
    'Hold everything that the case and its alert own: retention deletes none of it until the release',
  ),
  releaseCase: release('/api/cases/{no}', caseNo.extend(holdId), 'Release a hold of a case, with the reason'),
  holdAlert: hold('/api/alerts/{id}', objectId, 'Hold the pictures and films of an alert'),
  releaseAlert: release(
    '/api/alerts/{id}',
    objectId.extend(holdId),
    'Release a hold of an alert, with the reason',
  ),
  holdRecording: hold(
    '/api/recordings/{id}',
    objectId,
    'Hold a kept recording that belongs to no case: neither its clips nor what is not cut yet is deleted',
  ),
  releaseRecording: release(
    '/api/recordings/{id}',
    objectId.extend(holdId),
    'Release a hold of a kept recording, with the reason',
  ),
} as const satisfies Readonly<Record<string, RouteSpec>>
