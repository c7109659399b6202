import { collectOrphans } from '../adapters/evidence-store/collect.ts'
import { createDiskEvidenceStore } from '../adapters/evidence-store/disk.ts'
import type { Database, EvidenceStore } from '../core/ports.ts'
import type { DataFolder } from './data-folder.ts'
import type { Tools } from './tools.ts'

export interface OpenEvidence {
  readonly store: EvidenceStore
  readonly kind: 'disk' | 's3'
  /** Removes files that no row has named for a day; returns how many. */
  collectOrphans(database: Database): Promise<number>
}

/** Where evidence lies: an S3 bucket when the settings name one, else the data folder. */
export async function openEvidenceStore(
  folder: DataFolder,
  { clock }: Pick<Tools, 'clock'>,
): Promise<OpenEvidence> {
  return {
    store: createDiskEvidenceStore(folder.evidence),
    kind: 'disk',
    collectOrphans: (database) => collectOrphans(folder.evidence, database, clock),
  }
}
