import { z } from 'zod'
import { retentionShape } from '../../core/api/retention.ts'
import { accountsShape, oneTimePasswordBody, oneTimePasswordShape } from '../../core/api/users.ts'
import { idSchema } from '../../core/config/shared.ts'
import type { RouteSpec } from '../http/route.ts'

/** Administration beside the configuration: lines of the route table. */
export const userRoutes = {
  users: {
    method: 'get',
    path: '/api/users',
    summary: 'Whether each configured person has a password, and since when',
    access: ['admin', 'auditor'],
    answer: { kind: 'json', status: 200, schema: accountsShape },
  },
  oneTimePassword: {
    method: 'post',
    path: '/api/users/{name}/password',
    summary:
      'Make a one-time password for a person of the desk: shown once, to be changed at the next log-in; ends the sessions',
    access: ['admin'],
    params: z.object({ name: idSchema }),
    body: oneTimePasswordBody,
    answer: { kind: 'json', status: 200, schema: oneTimePasswordShape },
    problems: ['not_found', 'state_conflict'],
  },
  retention: {
    method: 'get',
    path: '/api/retention',
    summary: 'How many days each class of data is kept',
    access: ['admin', 'auditor'],
    answer: { kind: 'json', status: 200, schema: retentionShape },
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
