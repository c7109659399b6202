import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseRingFileName } from '../ring/file-name.ts'
import type { Ring, RingFileFacts } from '../ring/ring.ts'

/** Where the recordings of this worker's disk are. */
export interface RingPlaces {
  /** Of a camera that is held here; null: it is not. */
  readonly rings: (camera: string) => Ring | null
  /** One folder a camera: what an earlier holding left. */
  readonly folder: string
}

/** The files of a camera's recording, oldest first. */
export async function ringFilesOf(places: RingPlaces, camera: string): Promise<readonly RingFileFacts[]> {
  const ring = places.rings(camera)
  if (!ring) return leftFiles(join(places.folder, camera))
  await ring.ready
  return ring.files().toSorted((a, b) => a.from - b.from)
}

/** What lies in a folder that no ring of this process writes. A file that a killed process left growing ends when it was last written. */
async function leftFiles(folder: string): Promise<readonly RingFileFacts[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const files: RingFileFacts[] = []
  for (const name of names) {
    const facts = parseRingFileName(name)
    if (!facts) continue
    const path = join(folder, name)
    if (facts.to !== null) files.push({ ...facts, to: facts.to, path, bytes: 0, growing: false })
    else files.push({ ...facts, to: Math.round((await stat(path)).mtimeMs), path, bytes: 0, growing: true })
  }
  return files.sort((a, b) => a.from - b.from)
}
