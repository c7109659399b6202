import type { RouteSpec } from '../http/route.ts'

/** Sensors, readings and their marks: lines of the route table. */
export const sensorRoutes = {} as const satisfies Readonly<Record<string, RouteSpec>>
