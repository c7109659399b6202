import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Handlers } from '../http/route.ts'
import { readCoverage } from './coverage.ts'
import { rangeOf, type workerRoutes } from './routes.ts'

export function workerHandlers({
  database,
  clock,
}: {
  database: Database
  clock: Clock
}): Handlers<typeof workerRoutes> {
  return {
    coverage: ({ query: { from, to, ...query } }) =>
      readCoverage(database, { ...query, ...rangeOf({ from, to }, clock.now()) }),
  }
}
