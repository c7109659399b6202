import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { SensorCommands } from '../../core/sensors/commands.ts'
import type { CityReader } from '../city.ts'
import type { Handlers } from '../http/route.ts'
import { createReadingReader } from './readings.ts'
import type { sensorRoutes } from './routes.ts'
import { createSensorReader } from './sensors.ts'

export function sensorHandlers(deps: {
  readonly database: Database
  readonly city: CityReader
  readonly clock: Clock
  readonly sensorCommands: SensorCommands
}): Handlers<typeof sensorRoutes> {
  const sensors = createSensorReader(deps)
  const { readings, marks } = createReadingReader({ ...deps, sensors })
  return {
    sensors: () => sensors.list(),
    sensor: ({ params }) => sensors.detail(params.id),
    readings: ({ params, query }) => readings(params.id, query),
    marks: ({ params, query }) => marks(params.id, query),
    // The port checks it all: rights, then the sensor, then the content.
    markReadings: ({ params, raw, actor }) => deps.sensorCommands.mark(params.id, raw(), actor),
  }
}
