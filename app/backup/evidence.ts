import { constants } from 'node:fs'
import { copyFile, link, mkdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Database } from '../../core/ports/database.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'
import { sha256Of } from './manifest.ts'

const pathOf = (folder: string, sha256: string) =>
  join(folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256)

/** Hashes of all evidence that rows name and that was not deleted. */
async function named(database: Database): Promise<readonly string[]> {
  const { rows } = await database.query<{ sha256: string }>(
    'select distinct sha256 from evidence where tombstoned_at is null order by sha256',
  )
  return rows.map(({ sha256 }) => sha256)
}

export interface CopiedEvidence {
  readonly files: number
  readonly bytes: number
  readonly missing: readonly string[]
}

/** Evidence into a backup: a hard link where the file system allows it (bytes never change), else a copy. */
export async function saveEvidence(
  database: Database,
  store: EvidenceStore,
  folder: string,
): Promise<CopiedEvidence> {
  let files = 0
  let bytes = 0
  const missing: string[] = []
  for (const sha256 of await named(database)) {
    const source = await store.locate(sha256)
    if (!source) {
      missing.push(sha256)
      continue
    }
    const target = pathOf(folder, sha256)
    await mkdir(dirname(target), { recursive: true })
    await link(source, target).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return
      await copyFile(source, target, constants.COPYFILE_FICLONE)
    })
    files += 1
    bytes += (await stat(target)).size
  }
  return { files, bytes, missing }
}

/** Evidence out of a backup. A file whose bytes are not those of its name is not taken, and counts as missing. */
export async function bringEvidence(
  database: Database,
  store: EvidenceStore,
  folder: string,
): Promise<CopiedEvidence> {
  let files = 0
  let bytes = 0
  const missing: string[] = []
  for (const sha256 of await named(database)) {
    const source = pathOf(folder, sha256)
    const found = await sha256Of(source).catch(() => null)
    if (found !== sha256) {
      missing.push(sha256)
      continue
    }
    const stored = await store.put({ path: source })
    files += 1
    bytes += stored.bytes
  }
  return { files, bytes, missing }
}
