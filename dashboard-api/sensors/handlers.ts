import type { Handlers } from '../http/route.ts'
import type { sensorRoutes } from './routes.ts'

export function sensorHandlers(): Handlers<typeof sensorRoutes> {
  return {}
}
