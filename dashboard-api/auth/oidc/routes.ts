import { z } from 'zod'
import { logInWaysShape } from '../../../core/api/log-in.ts'
import type { RouteSpec } from '../../http/route.ts'

/** Log-in by an identity provider: lines of the route table. */
export const oidcRoutes = {
  logInWays: {
    method: 'get',
    path: '/api/session/ways',
    summary: 'Ways to log in besides a password',
    access: 'anyone',
    answer: { kind: 'json', status: 200, schema: logInWaysShape },
  },
  beginOidc: {
    method: 'get',
    path: '/api/session/oidc',
    summary: 'Sends the browser to the identity provider; `next`: page of the app to open after the log-in',
    access: 'anyone',
    query: z.object({ next: z.string().max(2_000).optional() }),
    answer: { kind: 'sent', media: 'text/html', what: 'a redirect' },
    problems: ['not_found'],
  },
  finishOidc: {
    method: 'get',
    path: '/api/session/oidc/callback',
    summary:
      'Where the identity provider sends the browser back; opens the session, or says on the log-in page why not',
    access: 'anyone',
    answer: { kind: 'sent', media: 'text/html', what: 'a redirect' },
    problems: ['not_found'],
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
