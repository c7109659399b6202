import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { CityReader } from '../city.ts'
import type { Handlers } from '../http/route.ts'
import { createStatisticsReader } from './read.ts'
import type { statisticsRoutes } from './routes.ts'
import { toWorkbook } from './sheet.ts'

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

export function statisticsHandlers(deps: {
  database: Database
  city: CityReader
  clock: Clock
}): Handlers<typeof statisticsRoutes> {
  const reader = createStatisticsReader(deps)
  return {
    statistics: ({ query, actor }) => reader.figures(query, actor),
    async statisticsSheet({ response, query, actor }) {
      const statistics = await reader.figures(query, actor)
      const workbook = await toWorkbook(statistics, query.lang)
      const { from, to, by } = statistics
      response.setHeader('Content-Disposition', `attachment; filename="statistics-${by}-${from}-${to}.xlsx"`)
      response.type(XLSX).send(workbook)
    },
    async statisticsCases({ query, actor }) {
      const list = await reader.cases(query, actor)
      return { ...list, items: [...list.items] }
    },
    async statisticsAlerts({ query }) {
      const list = await reader.alerts(query)
      return { ...list, items: [...list.items] }
    },
    statisticsAlarms: ({ query }) => reader.alarms(query),
  }
}
