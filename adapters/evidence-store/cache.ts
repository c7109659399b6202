import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Sha256 } from '../../core/units.ts'
import { isSha256 } from './shelf.ts'

/** What was deleted in the store must not live on here: nothing is kept for longer than this. */
const MAX_AGE_MS = 24 * 3_600_000

interface Entry {
  readonly bytes: number
  readonly fetchedAt: number
}

/** Files named by the hash of their bytes, fetched when they are asked for; the least recently used go first. */
export interface EvidenceCache {
  /** A local path; null when `fetch` says that there is nothing. Throws `internal` when what it gives has another hash. */
  locate(sha256: Sha256, fetch: () => Promise<Readable | null>): Promise<string | null>
  forget(sha256: Sha256): Promise<void>
}

export function createEvidenceCache(deps: {
  readonly folder: string
  readonly maxBytes: number
  readonly clock: Clock
}): EvidenceCache {
  const { folder, maxBytes, clock } = deps
  // In order of use: the first one was not asked for for the longest time.
  const entries = new Map<Sha256, Entry>()
  const running = new Map<Sha256, Promise<string | null>>()
  let total = 0
  let opened: Promise<void> | null = null
  const pathOf = (sha256: Sha256) => join(folder, sha256)

  const drop = async (sha256: Sha256): Promise<void> => {
    total -= entries.get(sha256)?.bytes ?? 0
    entries.delete(sha256)
    await rm(pathOf(sha256), { force: true })
  }
  const keep = (sha256: Sha256, entry: Entry): void => {
    total += entry.bytes - (entries.get(sha256)?.bytes ?? 0)
    entries.delete(sha256)
    entries.set(sha256, entry)
  }
  /** A file that is being sent stays readable: who sends it has it open. */
  const makeRoom = async (): Promise<void> => {
    for (const [sha256, { fetchedAt }] of [...entries]) {
      const newest = entries.size === 1
      if (clock.now() - fetchedAt > MAX_AGE_MS || (total > maxBytes && !newest)) await drop(sha256)
    }
  }
  const open = async (): Promise<void> => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const found: { name: string; entry: Entry }[] = []
    for (const name of await readdir(folder)) {
      const facts = await stat(join(folder, name))
      if (isSha256(name)) found.push({ name, entry: { bytes: facts.size, fetchedAt: facts.mtimeMs } })
      else await rm(join(folder, name), { force: true }) // half a file of a process that was killed
    }
    for (const { name, entry } of found.sort((a, b) => a.entry.fetchedAt - b.entry.fetchedAt))
      keep(name, entry)
    await makeRoom()
  }

  const fill = async (sha256: Sha256, fetch: () => Promise<Readable | null>): Promise<string | null> => {
    const content = await fetch()
    if (!content) return null
    const temporary = join(folder, `part-${randomUUID()}`)
    try {
      const got = await write(content, temporary)
      if (got.sha256 !== sha256) {
        throw new SharpEyesError(
          'internal',
          `evidence ${sha256} is damaged: its bytes have the hash ${got.sha256}`,
        )
      }
      await rename(temporary, pathOf(sha256))
      keep(sha256, { bytes: got.bytes, fetchedAt: clock.now() })
    } finally {
      await rm(temporary, { force: true })
    }
    await makeRoom()
    return pathOf(sha256)
  }

  return {
    async locate(sha256, fetch) {
      opened ??= open()
      await opened
      const entry = entries.get(sha256)
      if (entry && clock.now() - entry.fetchedAt <= MAX_AGE_MS) {
        keep(sha256, entry)
        return pathOf(sha256)
      }
      const other = running.get(sha256)
      if (other !== undefined) return other
      const filling = fill(sha256, fetch).finally(() => running.delete(sha256))
      running.set(sha256, filling)
      return filling
    },
    async forget(sha256) {
      await drop(sha256)
    },
  }
}

async function write(content: Readable, path: string): Promise<{ sha256: Sha256; bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  await pipeline(content, measure, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
  return { sha256: hash.digest('hex'), bytes }
}
