import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Queryable } from '../../core/ports.ts'

const ORPHAN_AGE_MS = 24 * 3_600_000

/**
 * Removes files of a disk evidence store that no living row has named for a day (a process was killed between the
 * rename and the row, or the event of a still was never delivered). Returns how many.
 */
export async function collectOrphans(folder: string, database: Queryable, clock: Clock): Promise<number> {
  let removed = 0
  for (const first of await folders(folder)) {
    for (const second of await folders(join(folder, first))) {
      const place = join(folder, first, second)
      const old: string[] = []
      for (const name of await readdir(place)) {
        const { mtimeMs } = await stat(join(place, name))
        if (clock.now() - mtimeMs > ORPHAN_AGE_MS) old.push(name)
      }
      if (old.length === 0) continue
      const { rows } = await database.query<{ sha256: string }>(
        'select distinct sha256 from evidence where sha256 = any($1) and tombstoned_at is null',
        [old],
      )
      const living = new Set(rows.map((row) => row.sha256))
      for (const name of old.filter((name) => !living.has(name))) {
        await rm(join(place, name), { force: true })
        removed += 1
      }
    }
  }
  return removed
}

const folders = async (path: string): Promise<string[]> =>
  (await readdir(path, { withFileTypes: true }).catch(() => []))
    .filter((e) => e.isDirectory() && e.name.length === 2)
    .map((e) => e.name)
