import { z } from 'zod'
import { channelTrialShape, routeTrialBody, routeTrialShape } from '../../core/api/routing.ts'
import { idSchema } from '../../core/config/shared.ts'
import type { RouteSpec } from '../http/route.ts'

/** Trials of routes and channels: lines of the route table. */
export const routingRoutes = {
  tryRoute: {
    method: 'post',
    path: '/api/routes/trial',
    summary: 'Where a matter would go, whom it would tell and by when; nothing is filed',
    access: ['admin', 'operator'],
    body: routeTrialBody,
    answer: { kind: 'json', status: 200, schema: routeTrialShape },
  },
  tryChannel: {
    method: 'post',
    path: '/api/departments/{id}/channels/{place}/test',
    summary: 'Send a test message by a channel (place 1 is the first) and show its real answer',
    access: ['admin'],
    params: z.object({ id: idSchema, place: z.coerce.number().int().min(1).max(100) }),
    answer: { kind: 'json', status: 200, schema: channelTrialShape },
    problems: ['not_found', 'state_conflict', 'too_many_requests'],
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
