import { join } from 'node:path'
import { collectOrphansOf } from '../adapters/evidence-store/collect.ts'
import { createDiskEvidenceStore } from '../adapters/evidence-store/disk.ts'
import { createS3EvidenceStore } from '../adapters/evidence-store/s3.ts'
import type { EvidenceShelf } from '../adapters/evidence-store/shelf.ts'
import type { Database } from '../core/ports/database.ts'
import type { DataFolder } from './data-folder.ts'
import type { Tools } from './tools.ts'

export interface OpenEvidence {
  readonly store: EvidenceShelf
  readonly kind: 'disk' | 's3'
  /** Whether the bytes are there and stay until their row has come. */
  has(sha256: string): Promise<boolean>
  /** Removes files that no row has named for a day; returns how many. */
  collectOrphans(database: Database): Promise<number>
}

/** What was put before this is put again: an orphan is removed after a day, and a spool may keep its event for hours. */
const FRESH_MS = 12 * 3_600_000

/** Where evidence lies: an S3 bucket when the settings name one, else the data folder. */
export async function openEvidenceStore(
  folder: DataFolder,
  { clock, log, metrics, stack, settings }: Pick<Tools, 'clock' | 'log' | 'metrics' | 'stack' | 'settings'>,
): Promise<OpenEvidence> {
  const { s3 } = await settings()
  const opened = (store: EvidenceShelf, kind: OpenEvidence['kind']): OpenEvidence => ({
    store,
    kind,
    has: (sha256) => store.has(sha256, clock.now() - FRESH_MS),
    collectOrphans: (database) => collectOrphansOf(store, database, clock),
  })
  if (!s3) return opened(createDiskEvidenceStore(folder.evidence), 'disk')
  const cacheFolder = join(folder.path, 'evidence-cache')
  const store = createS3EvidenceStore({ ...s3, cacheFolder, clock, log, metrics })
  stack.push('evidence store', () => store[Symbol.asyncDispose]())
  return opened(store, 's3')
}
