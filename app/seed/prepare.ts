import { createDiskEvidenceStore } from '../../adapters/evidence-store/disk.ts'
import { applyConfig, configObjects } from '../../adapters/postgres/config-store.ts'
import { createJobs } from '../../alerts/jobs/jobs.ts'
import { makeSampleFilms } from '../../ingest/samples/film.ts'
import { ensureOperator } from '../accounts.ts'
import type { DataFolder } from '../data-folder.ts'
import { openDatabase } from '../database.ts'
import { SAMPLE_ACCOUNTS, SAMPLE_IDS, sampleCity } from '../sample-city.ts'
import type { Tools } from '../tools.ts'
import { seed } from './seed.ts'

/** Brings a data folder's own database to the sample city, its accounts and the story; nobody may run on it. */
export async function prepareDevData(
  folder: DataFolder,
  tools: Tools,
  publicUrl: string,
): Promise<{ readonly alerts: number; readonly cases: number }> {
  const { clock, log, metrics, stack, signal } = tools
  const mediaTools = tools.mediaTools()
  // Here, so that a restart in the first minute does not begin to draw them anew.
  await Promise.all(
    SAMPLE_IDS.map((id) => makeSampleFilms(id, { folder: folder.samples, mediaTools, log, signal })),
  )
  const { database, url } = await openDatabase({ folder, tools, own: true })
  const city = sampleCity(folder.samples)
  await applyConfig(database, configObjects(city), { actor: 'dev', reason: 'seed', write: true })
  await ensureOperator(database, city, SAMPLE_ACCOUNTS)
  const jobs = await createJobs({ url, log, metrics })
  stack.push('jobs', () => jobs[Symbol.asyncDispose]())
  return seed({
    ...{ database, jobs, clock, log, metrics, publicUrl, mediaTools, cameras: city.cameras },
    store: createDiskEvidenceStore(folder.evidence),
  })
}
