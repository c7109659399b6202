import type { Clock } from '../../core/ports/clock.ts'
import type { CityReader } from '../city.ts'
import type { Handlers } from '../http/route.ts'
import type { CaseLists } from './list.ts'
import type { caseListRoutes } from './list-routes.ts'
import { casesWorkbook } from './sheet.ts'

export function caseListHandlers(deps: {
  lists: CaseLists
  city: CityReader
  clock: Clock
}): Handlers<typeof caseListRoutes> {
  const { lists, clock } = deps
  return {
    async cases({ query, actor }) {
      const list = await lists.list(query, actor)
      return { ...list, items: [...list.items] }
    },
    caseCounts: ({ query, actor }) => lists.counts(query, actor),
    async caseSheet({ query, actor, response }) {
      const cases = await lists.all(query, actor)
      const city = await deps.city.read()
      const now = new Date(clock.now()).toISOString()
      const { timezone } = city.facts
      const workbook = await casesWorkbook(cases, {
        language: query.lang,
        timezone,
        now,
        departmentName: (id) => city.departmentName(id),
      })
      response
        .status(200)
        .set({
          'Content-Type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
          'Content-Disposition': `attachment; filename="cases-${now.slice(0, 10)}.xlsx"`,
          'Cache-Control': 'no-store',
          'X-Total-Count': String(cases.length),
        })
        .send(workbook)
    },
  }
}
