import { readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createDiskEvidenceStore } from '../../adapters/evidence-store/disk.ts'
import { evidenceStoreContract } from '../contract/evidence-store.ts'
import { tempFolder } from '../support/temp-folder.ts'

evidenceStoreContract('disk', async () => {
  const folder = await tempFolder()
  const store = createDiskEvidenceStore(folder.path)
  return {
    store,
    age: async (sha256, at) => {
      await utimes((await store.locate(sha256)) ?? '', new Date(at), new Date(at))
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
})

test('what could not be stored leaves nothing behind', async () => {
  await using folder = await tempFolder()
  const store = createDiskEvidenceStore(folder.path)
  await store.put(Buffer.from('a still'))
  await expect(store.put({ path: join(folder.path, 'missing') })).rejects.toThrow(/ENOENT/)
  expect(await readdir(join(folder.path, 'incoming'))).toEqual([])
})
