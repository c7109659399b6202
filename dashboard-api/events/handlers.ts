import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { CaseReader } from '../cases/read.ts'
import { createReplayReader } from '../cases/replay.ts'
import type { CityReader } from '../city.ts'
import type { Handlers } from '../http/route.ts'
import { countEventDays } from './days.ts'
import { listEvents } from './list.ts'
import type { eventRoutes } from './routes.ts'
import { spanOf } from './span.ts'

const LIST_DAYS = 31
const BUCKET_DAYS = 400

export function eventHandlers(deps: {
  database: Database
  city: CityReader
  cases: CaseReader
  clock: Clock
}): Handlers<typeof eventRoutes> {
  const { database, clock } = deps
  const replay = createReplayReader(deps)
  const timezone = async () => (await deps.city.read()).facts.timezone
  return {
    async events({ query }) {
      const city = await deps.city.read()
      const span = spanOf(query, {
        now: clock.now(),
        timezone: city.facts.timezone,
        maxDays: query.bucket ? BUCKET_DAYS : LIST_DAYS,
      })
      if (query.bucket) return countEventDays(database, query, span)
      const list = await listEvents(database, query, span, city)
      return { ...list, items: [...list.items] }
    },
    replayCase: ({ params, query, actor }) => replay.ofCase(params.no, query, actor),
    async replayPlace({ query, actor }) {
      const span = spanOf(query, { now: clock.now(), timezone: await timezone(), maxDays: LIST_DAYS })
      return replay.ofPlace(query.source, span, query, actor)
    },
  }
}
