import type { CityReader } from './city.ts'
import type { DashboardDeps } from './deps.ts'
import type { Handlers } from './http/route.ts'
import { toOpenApi } from './openapi.ts'
import { ROUTES } from './routes.ts'

type Names = 'departments' | 'retryNotification' | 'health' | 'metrics' | 'openApi'

/** Routes of one line each. */
export function otherHandlers(
  deps: Pick<DashboardDeps, 'health' | 'ready' | 'metricsText' | 'retryNotification' | 'version'> & {
    city: CityReader
  },
): Handlers<Pick<typeof ROUTES, Names>> {
  const document = JSON.stringify(toOpenApi(ROUTES, deps.version))
  return {
    async departments() {
      const city = await deps.city.read()
      return {
        items: [...city.departments.values()].map((department) => ({
          id: department.id,
          name: department.name,
          reachable: city.isReachable(department.id),
          // Kinds only: a webhook's address may carry a key.
          channels: department.channels.map(({ kind }) => ({ kind, built: city.canSendBy(kind) })),
        })),
      }
    },
    retryNotification: ({ params, actor }) => deps.retryNotification(params.id, actor),
    async health({ response }) {
      const health = await deps.health()
      // Not ready is an answer, not an error: the body says which part is missing.
      if (!deps.ready()) response.status(503).json(health)
      return health
    },
    async metrics({ response }) {
      response.type('text/plain; version=0.0.4').send(await deps.metricsText())
    },
    async openApi({ response }) {
      response.type('application/json').send(document)
    },
  }
}
