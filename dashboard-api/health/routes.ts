import { z } from 'zod'
import { ROLES } from '../../core/actor.ts'
import { coverageDayShape, workersShape } from '../../core/api/health-desk.ts'
import type { RouteSpec } from '../http/route.ts'

/** The coverage and health desk: lines of the route table. */
export const healthDeskRoutes = {
  coverageDay: {
    method: 'get',
    path: '/api/coverage/day',
    summary:
      'How each camera was watched in each hour of a day of the city, the least watched first; officers: as in the list of cameras',
    access: ROLES,
    query: z.object({ day: z.iso.date().optional() }),
    answer: { kind: 'json', status: 200, schema: coverageDayShape },
  },
  healthWorkers: {
    method: 'get',
    path: '/api/health/workers',
    summary:
      'Workers of the last 30 days: what they hold, when they were heard of, how far their clock is off',
    access: ['operator', 'investigator', 'auditor', 'admin'],
    answer: { kind: 'json', status: 200, schema: workersShape },
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
