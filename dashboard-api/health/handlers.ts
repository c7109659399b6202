import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { CityReader } from '../city.ts'
import type { Handlers } from '../http/route.ts'
import { dayAt } from '../statistics/period.ts'
import { readCoverageDay } from './coverage-day.ts'
import type { healthDeskRoutes } from './routes.ts'
import { readWorkers } from './workers.ts'

export function healthDeskHandlers({
  database,
  city,
  clock,
}: {
  database: Database
  city: CityReader
  clock: Clock
}): Handlers<typeof healthDeskRoutes> {
  return {
    async coverageDay({ query, actor }) {
      const now = clock.now()
      const facts = await city.read()
      return readCoverageDay(database, facts, query.day ?? dayAt(now, facts.facts.timezone), now, actor)
    },
    healthWorkers: async () => ({
      items: await readWorkers(database),
      at: new Date(clock.now()).toISOString(),
    }),
  }
}
