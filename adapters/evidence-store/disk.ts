import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { SharpEyesError } from '../../core/errors.ts'
import { type EvidenceShelf, isSha256, placeOf } from './shelf.ts'

/**
 * Evidence on the local disk, named by the SHA-256 of its bytes: `ab/cd/abcd….`. Bytes are written to a temporary
 * name, fsynced, renamed, and the folder is fsynced before `put` resolves; writing the same bytes twice is one file.
 */
export function createDiskEvidenceStore(folder: string): EvidenceShelf {
  const pathOf = (sha256: string): string => join(folder, placeOf(sha256))
  /** When it was put last, epoch ms; null: it is not there. */
  const putAt = (sha256: string): Promise<number | null> =>
    stat(pathOf(sha256)).then(
      ({ mtimeMs }) => mtimeMs,
      () => null,
    )
  return {
    async put(content) {
      const incoming = join(folder, 'incoming')
      await mkdir(incoming, { recursive: true })
      const temporary = join(incoming, randomUUID())
      try {
        const { sha256, bytes } = await writeDurably(temporary, content)
        const target = pathOf(sha256)
        await mkdir(dirname(target), { recursive: true })
        await rename(temporary, target)
        await syncFolder(dirname(target))
        await syncFolder(dirname(dirname(target)))
        return { sha256, bytes }
      } catch (cause) {
        await rm(temporary, { force: true })
        if ((cause as NodeJS.ErrnoException).code === 'ENOSPC') {
          throw new SharpEyesError(
            'disk_full',
            `no space left for evidence in ${folder}: free some, or move the data folder`,
            { cause },
          )
        }
        throw cause
      }
    },
    async locate(sha256) {
      const path = pathOf(sha256)
      return stat(path).then(
        () => path,
        () => null,
      )
    },
    async remove(sha256) {
      await rm(pathOf(sha256), { force: true })
    },
    async has(sha256, since) {
      return ((await putAt(sha256)) ?? Number.NEGATIVE_INFINITY) >= since
    },
    async *aged(before) {
      for (const place of await places(folder)) {
        const old: string[] = []
        for (const name of (await readdir(place)).filter(isSha256)) {
          if (((await putAt(name)) ?? before) < before) old.push(name)
        }
        if (old.length > 0) yield old
      }
    },
    async removeAged(sha256, before) {
      if (((await putAt(sha256)) ?? before) >= before) return false
      await rm(pathOf(sha256), { force: true })
      return true
    },
  }
}

/** The folders `ab/cd` in which the files are. */
async function places(folder: string): Promise<readonly string[]> {
  const inner = await Promise.all((await twoLetters(folder)).map(twoLetters))
  return inner.flat()
}

const twoLetters = async (path: string): Promise<readonly string[]> =>
  (await readdir(path, { withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isDirectory() && entry.name.length === 2)
    .map((entry) => join(path, entry.name))

async function writeDurably(
  path: string,
  content: Uint8Array | { readonly path: string },
): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256')
  const file = await open(path, 'wx', 0o640)
  // Opened only when it is read at once: an error of a stream that nobody reads yet ends the process.
  const chunks = content instanceof Uint8Array ? Readable.from([content]) : createReadStream(content.path)
  let bytes = 0
  try {
    for await (const chunk of chunks as AsyncIterable<Uint8Array>) {
      hash.update(chunk)
      bytes += chunk.length
      await file.writeFile(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { sha256: hash.digest('hex'), bytes }
}

/** Without this a rename may be lost in a power cut although the file is not. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Free bytes of the disk that holds `folder`. */
export async function freeBytes(folder: string): Promise<number> {
  const facts = await statfs(folder)
  return facts.bavail * facts.bsize
}
