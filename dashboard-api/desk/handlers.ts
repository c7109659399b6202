import type { Clock } from '../../core/ports/clock.ts'
import type { AlertCommands } from '../../core/ports/commands.ts'
import type { Database } from '../../core/ports/database.ts'
import type { AlertReader } from '../alerts/read.ts'
import type { CityReader } from '../city.ts'
import type { Handlers } from '../http/route.ts'
import { createClaims } from './claims.ts'
import { createCounts } from './counts.ts'
import { judgeGroup } from './group-verdict.ts'
import { readAlertGroups } from './groups.ts'
import { readOpenMatters } from './open-matters.ts'
import type { deskRoutes } from './routes.ts'
import { createShifts, readShifts } from './shifts.ts'

export function deskHandlers(deps: {
  database: Database
  alerts: AlertReader
  alertCommands: AlertCommands
  city: CityReader
  clock: Clock
}): Handlers<typeof deskRoutes> {
  const { database, alerts, alertCommands, clock } = deps
  const counts = createCounts({ clock })
  const claims = createClaims({ database })
  const shifts = createShifts({ database })
  return {
    async desk({ actor }) {
      const { rate10m, since, toVerify, open, muted } = await counts.read(database)
      return {
        now: new Date(clock.now()).toISOString(),
        rate10m,
        flood: since === null ? null : { since: new Date(since).toISOString() },
        toVerify,
        open,
        muted,
        ...(await readShifts(database, actor.name)),
      }
    },
    alertGroups: () => readAlertGroups(deps),
    async groupVerdict({ actor, body }) {
      const answer = await judgeGroup(deps, body(), actor)
      counts.forget()
      return answer
    },
    async undoVerdict({ params, actor }) {
      await alertCommands.undoVerdict(params.id, actor)
      counts.forget()
      return alerts.detail(params.id, actor)
    },
    async withdrawVerdict({ params, actor, body }) {
      await alerts.find(database, params.id, actor)
      await alertCommands.withdrawVerdict(params.id, body(), actor)
      counts.forget()
      return alerts.detail(params.id, actor)
    },
    async mute({ params, actor, body }) {
      await alerts.find(database, params.id, actor)
      await alertCommands.mute(params.id, body(), actor)
      counts.forget()
      return alerts.detail(params.id, actor)
    },
    async unmute({ params, actor }) {
      await alertCommands.unmute(params.id, actor)
      counts.forget()
      return alerts.detail(params.id, actor)
    },
    claims: async () => ({ items: await claims.list() }),
    async claim({ params, actor }) {
      await alerts.find(database, params.id, actor)
      return { items: await claims.take(params.id, actor.name) }
    },
    unclaim: ({ params, actor }) => claims.leave(params.id, actor.name),
    startShift: ({ actor, body }) => shifts.start(actor.name, body().taken),
    endShift: ({ actor, body }) => shifts.end(actor.name, body().note),
    openMatters: () => readOpenMatters(database),
    takeShift: ({ params, actor }) => shifts.take(params.id, actor.name),
  }
}
