import { z } from 'zod'
import type { Role } from '../../core/actor.ts'
import {
  askOriginalBody,
  decideOriginalBody,
  originalRequestShape,
  originalsShape,
} from '../../core/api/originals.ts'
import type { RouteSpec } from '../http/route.ts'

/** Who may break the seal of an unmasked original, with a reason or with another one of them. */
export const ORIGINAL_VIEWERS: readonly Role[] = ['investigator', 'auditor']

/** Requests to open sealed originals: lines of the route table. */
export const originalRoutes = {
  originals: {
    method: 'get',
    path: '/api/originals',
    summary: 'How many persons open a sealed original, and the requests, newest first, at most 200',
    access: ORIGINAL_VIEWERS,
    answer: { kind: 'json', status: 200, schema: originalsShape },
  },
  askOriginal: {
    method: 'post',
    path: '/api/originals',
    summary: 'Ask to open the sealed originals of an alert, a case or a kept recording; holds for 24 hours',
    access: ORIGINAL_VIEWERS,
    body: askOriginalBody,
    answer: { kind: 'json', status: 201, schema: originalRequestShape },
    problems: ['not_found', 'state_conflict', 'too_many_requests'],
  },
  decideOriginal: {
    method: 'post',
    path: '/api/originals/{id}/decision',
    summary: 'Approve or refuse the request of somebody else, once; who asked may then open it once',
    access: ORIGINAL_VIEWERS,
    params: z.object({ id: z.uuid() }),
    body: decideOriginalBody,
    answer: { kind: 'json', status: 200, schema: originalRequestShape },
    problems: ['not_found', 'state_conflict'],
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
