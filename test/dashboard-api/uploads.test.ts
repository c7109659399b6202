import { createHash } from 'node:crypto'
import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Request } from 'express'
import { expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createDiskEvidenceStore } from '../../adapters/evidence-store/disk.ts'
import { createUploads } from '../../dashboard-api/cases/upload.ts'
import { createEvidenceUploads } from '../../dashboard-api/workers/uploads.ts'
import { tempFolder } from '../support/temp-folder.ts'

// Several processes of one server share the folder of uploads.

const OLD = new Date('2026-01-01')
const upload = (text: string) => ({
  sha256: createHash('sha256').update(text).digest('hex'),
  request: Object.assign(Readable.from([Buffer.from(text)]), { headers: {} }) as unknown as Request,
})

test('evidence is taken although another process has tidied the folder away', async () => {
  await using folder = await tempFolder()
  const evidence = createDiskEvidenceStore(join(folder.path, 'evidence'))
  const workers = join(folder.path, 'workers')
  const uploads = createEvidenceUploads({ folder: workers, evidence, clock: systemClock })
  for (const text of ['one', 'two']) {
    const { request, sha256 } = upload(text)
    expect(await uploads.take(request, sha256)).toEqual({ sha256, bytes: 3 })
    await rm(workers, { recursive: true })
  }
})

test('a folder that cannot be used is said each time, and holds no place', async () => {
  await using folder = await tempFolder()
  const blocked = join(folder.path, 'workers')
  await writeFile(blocked, 'a file')
  const evidence = createDiskEvidenceStore(join(folder.path, 'evidence'))
  const uploads = createEvidenceUploads({ folder: blocked, evidence, clock: systemClock })
  for (let n = 0; n < 20; n += 1) {
    const { request, sha256 } = upload('one')
    await expect(uploads.take(request, sha256)).rejects.toThrow(/EEXIST|ENOTDIR/)
  }
  await rm(blocked)
  const { request, sha256 } = upload('one')
  expect(await uploads.take(request, sha256)).toEqual({ sha256, bytes: 3 })
})

test('what a killed process left of an upload of a person goes, the folder of the workers stays', async () => {
  await using folder = await tempFolder()
  const workers = join(folder.path, 'workers')
  await mkdir(workers)
  for (const name of ['old', 'new']) await writeFile(join(folder.path, name), 'half')
  for (const path of [workers, join(folder.path, 'old')]) await utimes(path, OLD, OLD)
  createUploads(folder.path, systemClock)
  expect((await readdir(folder.path)).sort()).toEqual(['new', 'workers'])
})
