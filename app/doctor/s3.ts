import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createS3EvidenceStore } from '../../adapters/evidence-store/s3.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { S3Settings } from '../settings.ts'
import { type Finding, finding } from './finding.ts'

/** Writes a few bytes, reads them back, removes them: what evidence needs. */
export async function s3Finding(
  settings: S3Settings,
  deps: { readonly clock: Clock; readonly log: Log; readonly metrics: Metrics },
): Promise<Finding> {
  const where = `${settings.endpoint} bucket ${settings.bucket}`
  const cacheFolder = await mkdtemp(join(tmpdir(), 'sharp-eyes-doctor-'))
  const store = createS3EvidenceStore({ ...settings, ...deps, cacheFolder })
  try {
    await store.probe()
    const { sha256 } = await store.put(Buffer.from(`sharp-eyes doctor ${randomUUID()}`))
    const path = await store.locate(sha256)
    const text = path === null ? '' : await readFile(path, 'utf8')
    await store.remove(sha256)
    if (!text.startsWith('sharp-eyes doctor'))
      return finding('s3', 'fail', `${where}: what was written did not come back`)
    return finding('s3', 'ok', `${where}: written, read and removed`)
  } catch (error) {
    return finding('s3', 'fail', `${where}: ${(error as Error).message}`)
  } finally {
    await store[Symbol.asyncDispose]()
    await rm(cacheFolder, { recursive: true, force: true })
  }
}
