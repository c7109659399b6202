import { deadline, timeOf } from '../../core/case/clocks.ts'
import { scheduleOf } from '../../core/case/schedule-of.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { departmentsOf, limitsOf, matchRoute, notifyWhen } from '../../core/route.ts'
import type { ChannelTrials } from '../../core/routing.ts'
import type { CityReader } from '../city.ts'
import type { Handlers } from '../http/route.ts'
import type { routingRoutes } from './routes.ts'

export function routingHandlers(deps: {
  readonly city: CityReader
  readonly clock: Clock
  readonly channelTrials: ChannelTrials
}): Handlers<typeof routingRoutes> {
  return {
    async tryRoute({ body }) {
      const { type, severity, purpose, camera: cameraId, grid, at } = body()
      const city = await deps.city.read()
      const camera = cameraId ? city.camera(cameraId) : null
      const matter = {
        ...{ type, severity, camera: cameraId ?? null },
        purpose: purpose ?? camera?.purpose ?? null,
        grid: grid ?? camera?.place.grid ?? null,
      }
      const found = matchRoute(city.routes, matter)
      const limits = limitsOf(found?.route ?? null)
      const time = timeOf(limits, severity)
      const schedule = scheduleOf(city.facts)
      const filed = at === undefined ? deps.clock.now() : Date.parse(at)
      const by = (limit: number) => new Date(deadline(limit, time, filed, schedule)).toISOString()
      return {
        route: found && {
          id: found.id,
          place: city.routes.indexOf(found) + 1,
          notify: notifyWhen(found.route, severity),
        },
        departments: (found ? departmentsOf(found.route) : []).map((id) => ({
          id,
          name: city.departmentName(id),
          part: id === found?.route.lead ? ('lead' as const) : ('assist' as const),
          channels: (city.departments.get(id)?.channels ?? []).map(({ kind }) => ({
            kind,
            built: city.canSendBy(kind),
          })),
          reachable: city.isReachable(id),
        })),
        clocks: {
          time,
          acceptBy: by(limits.accept),
          handleBy: by(limits.handle),
          checkBy: by(limits.check),
        },
      }
    },
    tryChannel: async ({ params, actor }) => ({
      items: [...(await deps.channelTrials.test(params.id, params.place - 1, actor))],
    }),
  }
}
