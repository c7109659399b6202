import { mkdir, readdir, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { EpochMs } from '../../core/units.ts'
import { parseRingFileName, ringFileName } from './file-name.ts'
import { scanRingFile } from './scan.ts'

/** A closed file of the ring. */
export interface ClosedFile {
  readonly path: string
  readonly connection: EpochMs
  readonly from: EpochMs
  readonly to: EpochMs
  readonly bytes: number
}

/**
 * Reads the folder (made when absent) into the index, oldest first. A file that a killed process left growing gets its
 * final name by what it holds up to its last whole fragment; one without a whole fragment goes. Files with other
 * names are not touched.
 */
export async function readRingFolder(folder: string): Promise<ClosedFile[]> {
  await mkdir(folder, { recursive: true })
  const files: ClosedFile[] = []
  for (const name of await readdir(folder)) {
    const facts = parseRingFileName(name)
    if (!facts) continue
    const path = join(folder, name)
    if (facts.to !== null) {
      files.push({ ...facts, to: facts.to, path, bytes: (await stat(path)).size })
      continue
    }
    const left = await closeLeftFile(folder, path, facts)
    if (left) files.push(left)
  }
  return files.sort((a, b) => a.from - b.from)
}

async function closeLeftFile(
  folder: string,
  path: string,
  { connection, from }: { connection: EpochMs; from: EpochMs },
): Promise<ClosedFile | null> {
  const index = await scanRingFile(path)
  if (!index) {
    await unlink(path)
    return null
  }
  const to = index.frames.reduce((latest, frame) => Math.max(latest, frame.capturedAt), from)
  const closed = join(folder, ringFileName({ connection, from, to }))
  await rename(path, closed)
  return { path: closed, connection, from, to, bytes: (await stat(closed)).size }
}
