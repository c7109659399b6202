import { writeFile } from 'node:fs/promises'
import { systemClock } from '../../adapters/clock.ts'
import { createDiskEvidenceStore } from '../../adapters/evidence-store/disk.ts'
import { connectPostgres } from '../../adapters/postgres/database.ts'
import { createPictureWork } from '../../alerts/evidence/work.ts'
import { makeNext, type PictureMakerDeps } from '../../app/worker/picture-maker.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'

/**
 * Makes the clip that is due, with real files and a real database. As a script (`URL FOLDER FILES`) it dies after the
 * rename of that many files and before their rows, as by `kill -9`.
 */
export function clipDeps(
  url: string,
  folder: string,
  onPut: () => void,
): PictureMakerDeps & { readonly store: EvidenceStore; close(): Promise<void> } {
  const database = connectPostgres({ url, log: silentLog })
  const store = createDiskEvidenceStore(folder)
  const metrics = recordingMetrics()
  return {
    work: createPictureWork({ database, clock: systemClock, metrics }),
    worker: 'w1',
    store: {
      ...store,
      async put(content) {
        const stored = await store.put(content)
        onPut()
        return stored
      },
    },
    source: {
      still: async () => null,
      pin: async () => undefined,
      unpin: async () => undefined,
      pinned: async () => [],
      async clip({ path, from, to }) {
        await writeFile(path, 'the original')
        return { from, to, codec: 'h264', width: 2, height: 2 }
      },
    },
    masker: {
      still: async () => ({ jpeg: new Uint8Array(), method: 'test' }),
      async clip({ target }) {
        await writeFile(target, 'the masked copy')
        return { method: 'test@1' }
      },
    },
    clock: systemClock,
    log: silentLog,
    metrics,
    workFolder: folder,
    async close() {
      await database[Symbol.asyncDispose]()
    },
  }
}

const [url, folder, files] = process.argv.slice(2)
if (process.argv[1] === import.meta.filename && url && folder) {
  let left = Number(files)
  const onPut = () => {
    left -= 1
    if (left === 0) process.kill(process.pid, 'SIGKILL')
  }
  await makeNext(clipDeps(url, folder, onPut), new AbortController().signal)
}
