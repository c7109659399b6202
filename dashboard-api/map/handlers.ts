import { SharpEyesError } from '../../core/errors.ts'
import type { Database } from '../../core/ports/database.ts'
import type { CameraReader } from '../cameras/read.ts'
import type { CityReader } from '../city.ts'
import type { Handlers } from '../http/route.ts'
import type { SensorReader } from '../sensors/sensors.ts'
import { createBaseFileReader } from './base-file.ts'
import { createMapItemReader } from './items.ts'
import type { mapRoutes } from './routes.ts'

/** Its address changes with the file, so a browser may keep what it has of it. */
const CACHE = 'private, max-age=86400'

export function mapHandlers(deps: {
  readonly database: Database
  readonly cameras: CameraReader
  readonly sensors: SensorReader
  readonly city: CityReader
}): Handlers<typeof mapRoutes> {
  const readFile = createBaseFileReader()
  const readItems = createMapItemReader(deps)
  return {
    async baseMap() {
      const { map, datum } = (await deps.city.read()).facts
      if (!map) return { datum, base: { state: 'none' } }
      return { datum: map.datum, base: (await readFile(map)).base }
    },
    async mapItems({ actor }) {
      const { map, datum } = (await deps.city.read()).facts
      return readItems(actor, map?.datum ?? datum)
    },
    async mapTiles({ response }) {
      const { map } = (await deps.city.read()).facts
      const found = map && (await readFile(map))
      if (!found)
        throw new SharpEyesError(
          'not_found',
          'there is no base map; name one as city.map.file in the city file',
        )
      const { base, file } = found
      if (!file) {
        const why = base.state === 'failed' ? base.why : 'unreadable'
        throw new SharpEyesError('not_found', `the base map cannot be shown (${why}); see docs/map.md`)
      }
      response.setHeader('ETag', `"${file.etag}"`)
      response.setHeader('Cache-Control', CACHE)
      response.setHeader('Content-Type', 'application/vnd.pmtiles')
      await new Promise<void>((resolve, reject) => {
        response.sendFile(
          file.path,
          { cacheControl: false, lastModified: false, etag: false, dotfiles: 'allow' },
          (error) => {
            // A map that was moved on hangs up on what it no longer needs.
            if (!error || response.destroyed) resolve()
            else reject(error)
          },
        )
      })
    },
  }
}
