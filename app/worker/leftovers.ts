import { readdir, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log } from '../../core/ports/telemetry.ts'

/** The longest `recording.hours` that a city file can ask for. */
export const LONGEST_RING_MS = 72 * 3_600_000
const EVERY_MS = 600_000

export interface LeftoversDeps {
  /** One folder a camera. */
  readonly folder: string
  /** No camera's file may be older. */
  readonly keepMs: number
  /** Told of each file that was removed. */
  readonly onRemoved: () => void
  /** A camera that is held here removes its own old files. */
  readonly isHeld: (camera: string) => boolean
  readonly clock: Clock
  readonly log: Log
}

/**
 * Recordings and track logs of cameras that were held here and are another worker's now: pictures of alerts and dry runs
 * come out of them for a while, but nobody who writes them lets them go. Removed until the signal when they are older than any may be.
 */
export async function runLeftovers(deps: LeftoversDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await removeLeftovers(deps).catch((error) =>
      deps.log.warn(
        { error: toSharpEyesError(error).message },
        'old files of other cameras were not removed',
      ),
    )
    await deps.clock.sleep(EVERY_MS, signal).catch(() => undefined)
  }
}

export async function removeLeftovers(deps: LeftoversDeps): Promise<void> {
  const { isHeld, clock } = deps
  const folders = await readdir(deps.folder, { withFileTypes: true })
  for (const { name: camera } of folders.filter((entry) => entry.isDirectory())) {
    if (isHeld(camera)) continue
    const folder = join(deps.folder, camera)
    const files = await readdir(folder)
    let left = files.length
    for (const file of files) {
      // A closed file is never written again: it was last touched when what it shows ended.
      const { mtimeMs } = await stat(join(folder, file))
      if (clock.now() - mtimeMs < deps.keepMs || isHeld(camera)) continue
      await rm(join(folder, file))
      deps.onRemoved()
      left -= 1
    }
    // A camera that comes back at this moment makes its folder again.
    if (left === 0 && !isHeld(camera)) await rmdir(folder).catch(() => undefined)
  }
}
