import { applyConfig, configObjects, readConfig } from '../adapters/postgres/config-store.ts'
import type { CityConfig } from '../core/config/city.ts'
import { toSharpEyesError } from '../core/errors.ts'
import { machineReasons } from '../core/machine-reason.ts'
import type { Database } from '../core/ports/database.ts'
import { areSampleFilmsThere, makeSampleFilms } from '../ingest/samples/film.ts'
import { cityOfCameras } from './city-of-cameras.ts'
import type { StartOptions } from './commands/start.ts'
import type { DataFolder } from './data-folder.ts'
import { SAMPLE_IDS, sampleCity } from './sample-city.ts'
import type { Tools } from './tools.ts'

export interface StartingCity {
  /** What `start` was asked for; null: the site goes on as it was configured before. */
  readonly file: CityConfig | null
  /** Whether the sample city's people belong to it. */
  readonly sampleAccounts: boolean
  /** Draws the films that are missing, one after the other; each camera joins as soon as its films are there. */
  drawSamples(): Promise<void>
}

/** Brings the configuration that this start asks for into the database. */
export async function configureStart(
  options: StartOptions,
  given: CityConfig | null,
  folder: DataFolder,
  database: Database,
  tools: Tools,
): Promise<StartingCity> {
  const sample = sampleCity(folder.samples)
  const own =
    given ?? (options.camera ? cityOfCameras(sample, options.camera, options.credentialsFile) : null)
  const [before] = await readConfig<{ name: string }>(database, 'city')
  // Without arguments a site that was configured before goes on as it is.
  const samples = options.samples === true || (!own && (!before || before.body.name === sample.city.name))
  const base = own ?? (samples ? sample : null)

  const apply = async () => {
    if (!base) return
    const drawn = samples
      ? sample.cameras.filter((camera) => areSampleFilmsThere(folder.samples, camera.id))
      : []
    const city = { ...base, cameras: [...(own?.cameras ?? []), ...drawn] }
    await applyConfig(database, configObjects(city), {
      ...{ actor: 'start', reason: machineReasons.write('at_start'), write: true },
    })
  }
  await apply()
  return {
    file: base,
    sampleAccounts: samples && !given,
    async drawSamples() {
      const missing = samples ? SAMPLE_IDS.filter((id) => !areSampleFilmsThere(folder.samples, id)) : []
      const { log, signal, mediaTools } = tools
      if (missing.length > 0)
        process.stderr.write(
          'The sample cameras are drawn now (once, about half a minute) and join one by one.\n',
        )
      for (const id of missing) {
        try {
          await makeSampleFilms(id, { folder: folder.samples, mediaTools: mediaTools(), log, signal })
          await apply()
        } catch (error) {
          if (signal.aborted) return
          log.error(
            { sample: id, error: toSharpEyesError(error).message },
            'a sample camera could not be drawn',
          )
        }
      }
    },
  }
}
