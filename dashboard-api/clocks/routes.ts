import { ROLES } from '../../core/actor.ts'
import { workingHoursShape } from '../../core/api/clocks.ts'
import type { RouteSpec } from '../http/route.ts'

/** Working hours of the city: lines of the route table. */
export const clockRoutes = {
  workingHours: {
    method: 'get',
    path: '/api/working-hours',
    summary:
      'When the city works: hours, public holidays and make-up days of last year, this year and the next',
    access: ROLES,
    answer: { kind: 'json', status: 200, schema: workingHoursShape },
  },
} as const satisfies Readonly<Record<string, RouteSpec>>
