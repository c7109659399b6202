import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
// @ts-expect-error: the package brings no types
import S3rver from 's3rver'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { collectOrphansOf } from '../../adapters/evidence-store/collect.ts'
import { createS3EvidenceStore, type S3EvidenceStore } from '../../adapters/evidence-store/s3.ts'
import { evidenceStoreContract } from '../contract/evidence-store.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { tempFolder } from '../support/temp-folder.ts'

const BUCKET = 'evidence'

interface S3Bench extends AsyncDisposable {
  readonly store: S3EvidenceStore
  readonly metrics: ReturnType<typeof recordingMetrics>
  readonly cacheFolder: string
  /** The file in which the server keeps an object. */
  object(sha256: string): string
  /** Another client of the same bucket. */
  open(more?: Partial<Parameters<typeof createS3EvidenceStore>[0]>): S3EvidenceStore
}

/** A real S3 server in this process, on a free port and a folder of its own. */
async function openS3(): Promise<S3Bench> {
  const folder = await tempFolder()
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory: join(folder.path, 'server'),
    configureBuckets: [{ name: BUCKET }],
  })
  const { port } = (await server.run()) as { port: number }
  const metrics = recordingMetrics()
  const stores: S3EvidenceStore[] = []
  const open: S3Bench['open'] = (more) => {
    const store = createS3EvidenceStore({
      endpoint: `http://127.0.0.1:${port}`,
      bucket: BUCKET,
      region: 'us-east-1',
      accessKey: 'S3RVER',
      secretKey: 'S3RVER',
      cacheFolder: join(folder.path, `cache-${randomUUID()}`),
      clock: systemClock,
      log: silentLog,
      metrics,
      ...more,
    })
    stores.push(store)
    return store
  }
  const cacheFolder = join(folder.path, 'cache')
  return {
    store: open({ cacheFolder }),
    metrics,
    cacheFolder,
    object: (sha256) =>
      join(folder.path, 'server', BUCKET, sha256.slice(0, 2), sha256.slice(2, 4), `${sha256}._S3rver_object`),
    open,
    async [Symbol.asyncDispose]() {
      for (const store of stores) await store[Symbol.asyncDispose]()
      await server.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

evidenceStoreContract('S3', async () => {
  const bench = await openS3()
  return {
    store: bench.store,
    age: (sha256, at) => utimes(bench.object(sha256), new Date(at), new Date(at)),
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  }
})

let s3: S3Bench
beforeAll(async () => {
  s3 = await openS3()
})
afterAll(() => s3[Symbol.asyncDispose]())

test('bytes that were changed in the bucket are an error, never given out, and counted', async () => {
  const { sha256 } = await s3.store.put(Buffer.from('what the camera saw'))
  await writeFile(s3.object(sha256), 'what somebody else saw')
  await expect(s3.store.locate(sha256)).rejects.toMatchObject({ code: 'internal', message: /is damaged/ })
  expect(s3.metrics.counts.get('evidence_damaged_total{}')).toBe(1)
  expect((await readdir(s3.cacheFolder)).filter((name) => name.startsWith('part-'))).toEqual([])
})

test('the copies that are read are bounded, the least recently used goes, and a new process finds them', async () => {
  const cacheFolder = join(s3.cacheFolder, '..', 'small')
  const store = s3.open({ cacheFolder, cacheBytes: 2_500 })
  const names = (await Promise.all([0, 1, 2].map(() => store.put(randomBytes(1_000))))).map(
    (one) => one.sha256,
  )
  const [a = '', b = '', c = ''] = names
  await store.locate(a)
  await store.locate(b)
  await store.locate(a)
  await store.locate(c)
  expect((await readdir(cacheFolder)).sort()).toEqual([a, c].sort())
  await writeFile(join(cacheFolder, 'part-of-a-killed-process'), 'half')
  const path = await s3.open({ cacheFolder, cacheBytes: 2_500 }).locate(c)
  expect(path).toBe(join(cacheFolder, c))
  expect((await readdir(cacheFolder)).sort()).toEqual([a, c].sort())
})

test('several who ask at once share one download', async () => {
  const { sha256 } = await s3.store.put(randomBytes(200_000))
  const store = s3.open()
  const paths = await Promise.all(Array.from({ length: 8 }, () => store.locate(sha256)))
  expect(new Set(paths).size).toBe(1)
  const bytes = await readFile(paths[0] ?? '')
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
})

test('a service that does not answer, and one that refuses, are told apart, without the key', async () => {
  const closed = createServer()
  await new Promise<void>((done) => closed.listen(0, '127.0.0.1', done))
  const { port } = closed.address() as { port: number }
  await new Promise((done) => closed.close(done))
  const away = s3.open({ endpoint: `http://127.0.0.1:${port}`, secretKey: 'very-secret' })
  const failure = await away.put(Buffer.from('x')).catch((error: Error) => error)
  expect(failure).toMatchObject({
    code: 'not_ready',
    message: expect.stringMatching(/does not answer.*ECONNREFUSED/),
  })
  expect(String(failure)).not.toContain('very-secret')
  await expect(away.locate('0'.repeat(64))).rejects.toMatchObject({ code: 'not_ready' })
  const stranger = s3.open({ accessKey: 'nobody' })
  await expect(stranger.probe()).rejects.toMatchObject({ code: 'not_ready', message: /refuses with 403/ })
  await expect(s3.open({ bucket: 'no-such-bucket' }).locate('0'.repeat(64))).rejects.toMatchObject({
    code: 'not_ready',
    message: /S3_BUCKET/,
  })
  await s3.store.probe()
})

test('orphans of a bucket are collected after a day; what a row names stays', async () => {
  await using database = await createTestDatabase()
  const [orphan, named, young] = await Promise.all([1, 2, 3].map(() => s3.store.put(randomBytes(30))))
  for (const one of [orphan, named]) {
    const old = new Date(Date.now() - 25 * 3_600_000)
    await utimes(s3.object(one?.sha256 ?? ''), old, old)
  }
  await database.query(
    `insert into evidence (id, owner_kind, owner_id, kind, variant, sha256, bytes, media_type, created_by)
     values ($1, 'case', 'x', 'attachment', 'original', $2, 30, 'image/png', 'test')`,
    [randomUUID(), named?.sha256],
  )
  expect(await collectOrphansOf(s3.store, database, systemClock)).toBe(1)
  expect(await s3.store.locate(orphan?.sha256 ?? '')).toBeNull()
  expect(await s3.store.locate(named?.sha256 ?? '')).not.toBeNull()
  expect(await s3.store.locate(young?.sha256 ?? '')).not.toBeNull()
})
