import { createDiskEvidenceStore } from '../../adapters/evidence-store/disk.ts'
import { applyConfig, configObjects } from '../../adapters/postgres/config-store.ts'
import { createJobs } from '../../alerts/jobs/jobs.ts'
import { ensureOperator } from '../accounts.ts'
import type { DataFolder } from '../data-folder.ts'
import { openDatabase } from '../database.ts'
import { SAMPLE_ACCOUNTS, sampleCity } from '../sample-city.ts'
import type { Tools } from '../tools.ts'
import { seed } from './seed.ts'

/** Brings a data folder's own database to the sample city, its accounts and the story; nobody may run on it. */
export async function prepareDevData(
  folder: DataFolder,
  tools: Tools,
  publicUrl: string,
): Promise<{ readonly alerts: number; readonly cases: number }> {
  const { clock, log, metrics, stack } = tools
  const { database, url } = await openDatabase({ folder, log, stack, own: true })
  const city = sampleCity(folder.samples)
  await applyConfig(database, configObjects(city), { actor: 'dev', reason: 'seed', write: true })
  await ensureOperator(database, city, SAMPLE_ACCOUNTS)
  const jobs = await createJobs({ url, log, metrics })
  stack.push('jobs', () => jobs[Symbol.asyncDispose]())
  return seed({
    ...{ database, jobs, clock, log, metrics, publicUrl, cameras: city.cameras },
    mediaTools: tools.mediaTools(),
    store: createDiskEvidenceStore(folder.evidence),
  })
}
