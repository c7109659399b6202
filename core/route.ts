import type { CaseLimits } from './case/event.ts'
import type { RouteConfig } from './config/city.ts'
import type { Severity } from './event.ts'

/** Time to accept, to handle and to verify where a route says nothing, milliseconds. A city sets its own in the routes. */
export const DEFAULT_LIMITS: CaseLimits = {
  accept: 2 * 3_600_000,
  handle: 3 * 86_400_000,
  check: 86_400_000,
}

/** What a route's condition looks at. */
export interface RoutedMatter {
  readonly type: string
  readonly severity: Severity
  readonly purpose: string | null
  readonly camera: string | null
  readonly grid: string | null
}

/** Stored routes have an id: their place in the file. */
export interface StoredRoute {
  readonly id: string
  readonly route: RouteConfig
}

/** First match in order; a condition matches when each of its keys holds the matter's value. Null: no route matches. */
export function matchRoute(routes: readonly StoredRoute[], matter: RoutedMatter): StoredRoute | null {
  return routes.find(({ route }) => matches(route.when, matter)) ?? null
}

function matches(when: RouteConfig['when'], matter: RoutedMatter): boolean {
  if (!when) return true
  const holds = (wanted: readonly unknown[] | undefined, value: unknown) =>
    wanted === undefined || wanted.includes(value)
  return (
    holds(when.type, matter.type) &&
    holds(when.severity, matter.severity) &&
    holds(when.purpose, matter.purpose) &&
    holds(when.camera, matter.camera) &&
    holds(when.grid, matter.grid)
  )
}

export function limitsOf(route: RouteConfig | null): CaseLimits {
  return {
    accept: route?.accept ?? DEFAULT_LIMITS.accept,
    handle: route?.handle ?? DEFAULT_LIMITS.handle,
    check: route?.check ?? DEFAULT_LIMITS.check,
    ...(route?.clock && { clock: route.clock }),
  }
}

/** Severity 1 is told when the alert fires, everything else when it is filed, unless the route says otherwise. */
export const notifyWhen = (route: RouteConfig, severity: Severity): 'at_once' | 'on_filing' =>
  route.notify ?? (severity === 1 ? 'at_once' : 'on_filing')

/** Lead first, each once. */
export const departmentsOf = (route: RouteConfig): readonly string[] => [
  ...new Set([route.lead, ...route.assist]),
]
