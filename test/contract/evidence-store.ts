import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EvidenceShelf } from '../../adapters/evidence-store/shelf.ts'
import type { EvidenceSink } from '../../core/ports/evidence.ts'
import { tempFolder } from '../support/temp-folder.ts'

const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

export interface SinkBench extends AsyncDisposable {
  readonly sink: EvidenceSink
  /** The bytes as they lie at the far end; null: they are not there. */
  read(sha256: string): Promise<Uint8Array | null>
}

/** What a worker may rely on, whether the store is its own or behind a server. */
export function evidenceSinkContract(name: string, open: () => Promise<SinkBench>): void {
  describe(`evidence sink: ${name}`, () => {
    let bench: SinkBench
    let folder: Awaited<ReturnType<typeof tempFolder>>
    beforeAll(async () => {
      bench = await open()
      folder = await tempFolder()
    })
    afterAll(async () => {
      await bench[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    })

    test('bytes and files are found by their hash, and twice the same is one', async () => {
      const bytes = randomBytes(3_000)
      const stored = { sha256: sha256Of(bytes), bytes: 3_000 }
      const file = join(folder.path, 'film.mp4')
      await writeFile(file, bytes)
      expect(await bench.sink.put(bytes)).toEqual(stored)
      expect(await bench.sink.put({ path: file })).toEqual(stored)
      expect(await bench.sink.put(bytes)).toEqual(stored)
      expect(Buffer.from((await bench.read(stored.sha256)) ?? []).equals(bytes)).toBe(true)
    })

    test('a film of some megabytes, and a view into a larger buffer, arrive whole', async () => {
      const film = randomBytes(9 * 1024 * 1024)
      const file = join(folder.path, 'long.mp4')
      await writeFile(file, film)
      const { sha256 } = await bench.sink.put({ path: file })
      expect(sha256).toBe(sha256Of(film))
      expect(sha256Of((await bench.read(sha256)) ?? Buffer.alloc(0))).toBe(sha256)
      const view = film.subarray(100, 200)
      expect(await bench.sink.put(view)).toEqual({ sha256: sha256Of(view), bytes: 100 })
    })

    test('many at once', async () => {
      const all = Array.from({ length: 12 }, (_, n) => randomBytes(1_000 + n))
      const stored = await Promise.all(all.map((bytes) => bench.sink.put(bytes)))
      expect(stored.map((one) => one.sha256)).toEqual(all.map(sha256Of))
    })

    test('a file that is not there is an error, and nothing is stored', async () => {
      await expect(bench.sink.put({ path: join(folder.path, 'missing') })).rejects.toThrow(/ENOENT/)
    })
  })
}

export interface ShelfBench extends AsyncDisposable {
  readonly store: EvidenceShelf
  /** Makes the bytes look as if they had been put at `at`, epoch ms. */
  age(sha256: string, at: number): Promise<void>
}

/** Every evidence store keeps this beside what a sink keeps. */
export function evidenceStoreContract(name: string, open: () => Promise<ShelfBench>): void {
  evidenceSinkContract(name, async () => {
    const bench = await open()
    return {
      sink: bench.store,
      read: async (sha256) => {
        const path = await bench.store.locate(sha256)
        return path === null ? null : readFile(path)
      },
      [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
    }
  })

  describe(`evidence store: ${name}`, () => {
    const HOUR = 3_600_000
    let bench: ShelfBench
    beforeAll(async () => {
      bench = await open()
    })
    afterAll(() => bench[Symbol.asyncDispose]())
    const aged = async (before: number) => {
      const names: string[] = []
      for await (const page of bench.store.aged(before)) names.push(...page)
      return names
    }

    test('what was removed is gone, and removing it again is no error', async () => {
      const { sha256 } = await bench.store.put(randomBytes(10))
      expect(await bench.store.locate(sha256)).not.toBeNull()
      await bench.store.remove(sha256)
      expect(await bench.store.locate(sha256)).toBeNull()
      await bench.store.remove(sha256)
    })

    test('a name that is no hash names nothing', async () => {
      await expect(bench.store.locate('../../etc/passwd')).rejects.toThrow(/not a SHA-256/)
      await expect(bench.store.remove('')).rejects.toThrow(/not a SHA-256/)
    })

    test('has: only what was put since then', async () => {
      const { sha256 } = await bench.store.put(randomBytes(10))
      const now = Date.now()
      expect(await bench.store.has(sha256, now - HOUR)).toBe(true)
      expect(await bench.store.has(sha256, now + HOUR)).toBe(false)
      expect(await bench.store.has('0'.repeat(64), 0)).toBe(false)
    })

    test('aged: the old ones; they go unless they were put again', async () => {
      const bytes = [1, 2, 3].map(() => randomBytes(20))
      const names = (await Promise.all(bytes.map((one) => bench.store.put(one)))).map((one) => one.sha256)
      const [old = '', again = '', fresh = ''] = names
      await bench.age(old, Date.now() - 30 * HOUR)
      await bench.age(again, Date.now() - 30 * HOUR)
      const before = Date.now() - 24 * HOUR
      expect((await aged(before)).sort()).toEqual([old, again].sort())
      await bench.store.put(bytes[1] ?? Buffer.alloc(0))
      expect(await bench.store.removeAged(old, before)).toBe(true)
      expect(await bench.store.removeAged(again, before)).toBe(false)
      expect(await bench.store.locate(old)).toBeNull()
      expect(await bench.store.locate(again)).not.toBeNull()
      expect(await aged(before)).toEqual([])
      expect(await bench.store.has(fresh, before)).toBe(true)
    })
  })
}
