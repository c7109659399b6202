import { z } from 'zod'
import { ROLES } from '../../core/actor.ts'
import { endedSessionsShape, openSessionsShape } from '../../core/api/sessions.ts'
import type { RouteSpec } from '../http/route.ts'

/** Log-ins that are going on: lines of the route table. */
export const openSessionRoutes = {
  openSessions: {
    method: 'get',
    path: '/api/sessions',
    summary:
      'My log-ins that are going on, the latest used first, at most 500; `of=all`: of everybody, for admins',
    access: ROLES,
    query: z.object({ of: z.enum(['me', 'all']).default('me') }),
    answer: { kind: 'json', status: 200, schema: openSessionsShape },
  },
  endSession: {
    method: 'delete',
    path: '/api/sessions/{id}',
    summary: 'End a log-in of mine, as an admin of anybody; its streams and live views end too',
    access: ROLES,
    params: z.object({ id: z.string().regex(/^[0-9a-f]{64}$/) }),
    answer: { kind: 'empty' },
    problems: ['not_found'],
  },
  endOtherSessions: {
    method: 'delete',
    path: '/api/sessions',
    summary: 'End all my log-ins but this one',
    access: ROLES,
    answer: { kind: 'json', status: 200, schema: endedSessionsShape },
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
