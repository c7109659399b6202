import type { Handlers } from '../http/route.ts'
import type { eventRoutes } from './routes.ts'

export function eventHandlers(): Handlers<typeof eventRoutes> {
  return {}
}
