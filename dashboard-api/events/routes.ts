import type { RouteSpec } from '../http/route.ts'

/** History of events: lines of the route table. */
export const eventRoutes = {} as const satisfies Readonly<Record<string, RouteSpec>>
