import { unlink } from 'node:fs/promises'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { EpochMs } from '../../core/units.ts'
import type { ClosedFile } from './folder.ts'

export interface RingFileFacts {
  readonly path: string
  /** Files that share it share one init segment and one run of media time. */
  readonly connection: EpochMs
  readonly from: EpochMs
  /** Capture time of the last frame in the file. */
  readonly to: EpochMs
  readonly bytes: number
  /** Not closed yet: it has another name later. */
  readonly growing: boolean
}

/** The closed files of a ring, oldest first, and who wants to hear of new ones. */
export interface Shelf {
  readonly bytes: number
  files(): readonly RingFileFacts[]
  /** What the folder held at start. */
  fill(files: readonly ClosedFile[]): void
  add(file: RingFileFacts): void
  /** Tells the listeners of a file that grows. */
  announce(file: RingFileFacts): void
  onFile(listener: (file: RingFileFacts) => void): Disposable
  removeOlder(than: EpochMs): Promise<void>
  /** At least `bytes`, as far as there is that much. Answers what went. */
  removeOldest(bytes: number): Promise<number>
}

export function createShelf(deps: {
  readonly camera: string
  readonly log: Log
  readonly metrics: Metrics
}): Shelf {
  const { camera, log, metrics } = deps
  const listeners = new Set<(file: RingFileFacts) => void>()
  let files: RingFileFacts[] = []
  let bytes = 0

  function announce(file: RingFileFacts): void {
    for (const listener of listeners) listener(file)
  }

  /** Out of the index first: nobody is offered a file that goes. */
  async function remove(gone: readonly RingFileFacts[]): Promise<number> {
    files = files.filter((file) => !gone.includes(file))
    let freed = 0
    for (const file of gone) {
      bytes -= file.bytes
      freed += file.bytes
      try {
        await unlink(file.path)
      } catch (error) {
        log.warn({ camera, path: file.path, error: String(error) }, 'a recording could not be removed')
      }
    }
    if (gone.length > 0) metrics.count('ring_files_removed_total', { camera }, gone.length)
    metrics.gauge('ring_bytes', { camera }, bytes)
    return freed
  }

  return {
    get bytes() {
      return bytes
    },
    files: () => files,
    fill(found) {
      const known = found.map((file) => ({ ...file, growing: false }))
      files = [...known, ...files]
      for (const file of known) bytes += file.bytes
    },
    add(file) {
      files.push(file)
      bytes += file.bytes
      metrics.gauge('ring_bytes', { camera }, bytes)
      announce(file)
    },
    announce,
    onFile(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    removeOlder: async (than) => {
      await remove(files.filter((file) => file.to < than))
    },
    removeOldest(wanted) {
      let sum = 0
      const gone: RingFileFacts[] = []
      for (const file of files) {
        if (sum >= wanted) break
        gone.push(file)
        sum += file.bytes
      }
      return remove(gone)
    },
  }
}
