import type { AlertCommands } from '../../core/ports/commands.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Handlers } from '../http/route.ts'
import type { ROUTES } from '../routes.ts'
import type { createAroundReader } from './around.ts'
import type { AlertReader } from './read.ts'

export function alertHandlers(deps: {
  database: Database
  alerts: AlertReader
  alertCommands: AlertCommands
  around: ReturnType<typeof createAroundReader>
}): Handlers<Pick<typeof ROUTES, 'alerts' | 'alert' | 'alertAround' | 'acknowledge' | 'verdict'>> {
  const { database, alerts, alertCommands } = deps
  return {
    async alerts({ query, actor }) {
      const list = await alerts.list(query, actor)
      return { ...list, items: [...list.items] }
    },
    alert: ({ params, actor }) => alerts.detail(params.id, actor),
    alertAround: ({ params, actor }) => deps.around(params.id, actor),
    async acknowledge({ params, actor }) {
      await alerts.find(database, params.id, actor)
      await alertCommands.acknowledge(params.id, actor)
      return alerts.detail(params.id, actor)
    },
    async verdict({ params, actor, body }) {
      await alerts.find(database, params.id, actor)
      await alertCommands.verdict(params.id, body(), actor)
      return alerts.detail(params.id, actor)
    },
  }
}
