import { z } from 'zod'
import { holdBody, holdsShape, placedHoldShape } from '../../core/api/holds.ts'
import { EVIDENCE_KEEPERS } from '../../core/evidence.ts'
import type { RouteSpec } from '../http/route.ts'

const caseNo = z.object({ no: z.string().regex(/^\d{4}-\d{6,}$/) })
const objectId = z.object({ id: z.uuid() })
const placed = { kind: 'json', status: 201, schema: placedHoldShape } as const
const empty = { kind: 'empty' } as const

/** Holds 证据保全: lines of the route table. */
export const holdRoutes = {
  holds: {
    method: 'get',
    path: '/api/holds',
    summary: 'Holds of alerts, cases and kept recordings: those in force first, then the newest, at most 500',
    access: EVIDENCE_KEEPERS,
    answer: { kind: 'json', status: 200, schema: holdsShape },
  },
  holdCase: {
    method: 'post',
    path: '/api/cases/{no}/holds',
    summary:
      'Hold everything that the case and its alert own: retention deletes none of it until the release',
    access: EVIDENCE_KEEPERS,
    params: caseNo,
    body: holdBody,
    answer: placed,
    problems: ['not_found', 'state_conflict'],
  },
  releaseCase: {
    method: 'delete',
    path: '/api/cases/{no}/holds/{hold}',
    summary: 'Release a hold of a case, with the reason',
    access: EVIDENCE_KEEPERS,
    params: caseNo.extend({ hold: z.uuid() }),
    body: holdBody,
    answer: empty,
    problems: ['not_found', 'state_conflict'],
  },
  holdAlert: {
    method: 'post',
    path: '/api/alerts/{id}/holds',
    summary: 'Hold the pictures and films of an alert',
    access: EVIDENCE_KEEPERS,
    params: objectId,
    body: holdBody,
    answer: placed,
    problems: ['not_found', 'state_conflict'],
  },
  releaseAlert: {
    method: 'delete',
    path: '/api/alerts/{id}/holds/{hold}',
    summary: 'Release a hold of an alert, with the reason',
    access: EVIDENCE_KEEPERS,
    params: objectId.extend({ hold: z.uuid() }),
    body: holdBody,
    answer: empty,
    problems: ['not_found', 'state_conflict'],
  },
  holdRecording: {
    method: 'post',
    path: '/api/recordings/{id}/holds',
    summary:
      'Hold a kept recording that belongs to no case: neither its clips nor what is not cut yet is deleted',
    access: EVIDENCE_KEEPERS,
    params: objectId,
    body: holdBody,
    answer: placed,
    problems: ['not_found', 'state_conflict'],
  },
  releaseRecording: {
    method: 'delete',
    path: '/api/recordings/{id}/holds/{hold}',
    summary: 'Release a hold of a kept recording, with the reason',
    access: EVIDENCE_KEEPERS,
    params: objectId.extend({ hold: z.uuid() }),
    body: holdBody,
    answer: empty,
    problems: ['not_found', 'state_conflict'],
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
