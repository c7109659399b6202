import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDiskEvidenceStore } from '../../adapters/evidence-store/disk.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-evidence-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('bytes and files are found by their hash, once', async () => {
  const store = createDiskEvidenceStore(folder)
  const bytes = Buffer.from('a still')
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  expect(await store.put(bytes)).toEqual({ sha256, bytes: 7 })
  const file = join(folder, 'source')
  await writeFile(file, bytes)
  expect(await store.put({ path: file })).toEqual({ sha256, bytes: 7 })
  expect(await readFile((await store.locate(sha256)) ?? '')).toEqual(bytes)
  expect(await readdir(join(folder, 'incoming'))).toEqual([])
  await store.remove(sha256)
  expect(await store.locate(sha256)).toBeNull()
})

test('a name that is no hash never reaches the disk', async () => {
  await expect(createDiskEvidenceStore(folder).locate('../../etc/passwd')).rejects.toThrow(/not a SHA-256/)
})

test('a source that cannot be read leaves nothing behind', async () => {
  const store = createDiskEvidenceStore(folder)
  await expect(store.put({ path: join(folder, 'missing') })).rejects.toThrow(/ENOENT/)
  expect(await readdir(join(folder, 'incoming'))).toEqual([])
})
