import { HOLIDAYS, KNOWN_YEARS, MAKE_UP_DAYS } from '../../core/case/work-days.ts'
import { DEFAULT_HOURS } from '../../core/case/working-time.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { CityReader } from '../city.ts'
import type { Handlers } from '../http/route.ts'
import type { clockRoutes } from './routes.ts'

export function clockHandlers(deps: { city: CityReader; clock: Clock }): Handlers<typeof clockRoutes> {
  return {
    async workingHours() {
      const { facts } = await deps.city.read()
      const year = new Date(deps.clock.now()).getUTCFullYear()
      const near = (each: number) => Math.abs(each - year) <= 1
      const ofNearYears = (days: ReadonlySet<string>) =>
        [...days].filter((day) => near(Number(day.slice(0, 4)))).sort()
      return {
        timezone: facts.timezone,
        // A city that was applied by an older version has none stored.
        hours: [...((facts.hours as readonly string[] | undefined) ?? DEFAULT_HOURS)],
        holidays: ofNearYears(HOLIDAYS),
        makeUpDays: ofNearYears(MAKE_UP_DAYS),
        years: [...KNOWN_YEARS].filter(near).sort(),
      }
    },
  }
}
