import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { type BackoffPolicy, backoffMs } from '../../core/backoff.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { EpochMs, Sha256 } from '../../core/units.ts'
import { createEvidenceCache } from './cache.ts'
import { type EvidenceShelf, hashOf, isSha256, placeOf } from './shelf.ts'

export interface S3EvidenceStore extends EvidenceShelf, AsyncDisposable {
  /** Throws `not_ready` with the reason when the bucket cannot be reached. */
  probe(): Promise<void>
}

const TRIES = 4
const BACKOFF: BackoffPolicy = { firstMs: 200, maxMs: 2_000, factor: 2, jitter: 0.3 }
const CACHE_BYTES = 4 * 1024 ** 3

/**
 * Evidence in a bucket of any S3 service, named by the SHA-256 of its bytes (`ab/cd/abcd…`, as on a disk). The service
 * gets the hash with the bytes (`x-amz-content-sha256`) and refuses others; `locate` checks it again. `put` resolves when
 * the service has acknowledged. Throws `not_ready` when the service does not answer or refuses us.
 */
export function createS3EvidenceStore(deps: {
  readonly endpoint: string
  readonly bucket: string
  readonly region: string
  readonly accessKey: string
  readonly secretKey: string
  /** Of copies that are read; made when it is missing, emptied by nobody else. */
  readonly cacheFolder: string
  readonly cacheBytes?: number
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}): S3EvidenceStore {
  const { endpoint, bucket: Bucket, clock, log, metrics } = deps
  const client = new S3Client({
    endpoint,
    region: deps.region,
    credentials: { accessKeyId: deps.accessKey, secretAccessKey: deps.secretKey },
    // Services of one machine have no DNS name for each bucket.
    forcePathStyle: true,
    // Tries are counted here: the library cannot send a file's stream twice.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000, socketTimeout: 30_000 },
    // Our own hash is the checksum; older services do not know the library's.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const cache = createEvidenceCache({
    folder: deps.cacheFolder,
    maxBytes: deps.cacheBytes ?? CACHE_BYTES,
    clock,
  })

  const patiently = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    for (let failures = 1; ; failures += 1) {
      try {
        return await work()
      } catch (error) {
        if (!mayHelpAgain(error) || failures === TRIES) throw unreachable(endpoint, Bucket, error)
        metrics.count('evidence_s3_retries_total', { call: what })
        const waitMs = backoffMs(BACKOFF, failures, Math.random)
        log.debug({ what, failures, waitMs, error: toSharpEyesError(error).message }, 'S3 is asked again')
        await clock.sleep(waitMs)
      }
    }
  }

  /** When it was put last; null: it is not there. */
  const putAt = async (sha256: Sha256): Promise<EpochMs | null> => {
    const Key = placeOf(sha256)
    return patiently('head', async () => {
      try {
        const { LastModified } = await client.send(new HeadObjectCommand({ Bucket, Key }))
        return LastModified?.getTime() ?? 0
      } catch (error) {
        if (nameOf(error) === 'NotFound') return null
        throw error
      }
    })
  }

  const fetch = (Key: string): Promise<Readable | null> =>
    patiently('get', async () => {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
        return (Body as Readable | undefined) ?? null
      } catch (error) {
        // Not a bucket that is missing: that says nothing of the bytes.
        if (nameOf(error) === 'NoSuchKey') return null
        throw error
      }
    })

  const remove = async (sha256: Sha256): Promise<void> => {
    const Key = placeOf(sha256)
    await patiently('delete', () => client.send(new DeleteObjectCommand({ Bucket, Key })))
    await cache.forget(sha256)
  }

  return {
    async put(content) {
      const { sha256, bytes } = await hashOf(content)
      await patiently('put', async () => {
        const command = new PutObjectCommand({
          Bucket,
          Key: placeOf(sha256),
          Body: content instanceof Uint8Array ? content : createReadStream(content.path),
          ContentLength: bytes,
        })
        // The signature covers it, and takes it for the hash of the body.
        command.middlewareStack.add(
          (next) => (args) => {
            const request = args.request as { readonly headers: Record<string, string> }
            request.headers['x-amz-content-sha256'] = sha256
            return next(args)
          },
          { step: 'build' },
        )
        await client.send(command)
      })
      return { sha256, bytes }
    },
    async locate(sha256) {
      const key = placeOf(sha256)
      try {
        return await cache.locate(sha256, () => fetch(key))
      } catch (error) {
        if (error instanceof SharpEyesError && error.code === 'internal') {
          metrics.count('evidence_damaged_total')
          throw error
        }
        throw error instanceof SharpEyesError ? error : unreachable(endpoint, Bucket, error)
      }
    },
    remove,
    has: async (sha256, since) => ((await putAt(sha256)) ?? Number.NEGATIVE_INFINITY) >= since,
    async *aged(before) {
      let ContinuationToken: string | undefined
      do {
        const page = await patiently('list', () =>
          client.send(
            new ListObjectsV2Command({ Bucket, ...(ContinuationToken ? { ContinuationToken } : {}) }),
          ),
        )
        const old = (page.Contents ?? []).filter(
          ({ LastModified }) => LastModified !== undefined && LastModified.getTime() < before,
        )
        const names = old.map(({ Key }) => Key?.split('/').at(-1) ?? '').filter(isSha256)
        if (names.length > 0) yield names
        ContinuationToken = page.NextContinuationToken
      } while (ContinuationToken)
    },
    async removeAged(sha256, before) {
      if (((await putAt(sha256)) ?? before) >= before) return false
      await remove(sha256)
      return true
    },
    async probe() {
      await patiently('probe', () => client.send(new HeadBucketCommand({ Bucket })))
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
    },
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '')

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode

/** No answer, 5xx and "slow down" pass; a refusal stays one. */
function mayHelpAgain(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'EACCES') return false // a file of ours
  const status = statusOf(error)
  return status === undefined || status >= 500 || status === 429
}

function unreachable(endpoint: string, bucket: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'EACCES') return error as Error
  const status = statusOf(error)
  const reason = [code ?? nameOf(error), toSharpEyesError(error).message].filter(Boolean).join(': ')
  const text =
    status === undefined
      ? `the evidence store (S3 at ${endpoint}) does not answer (${reason})`
      : `the evidence store (S3 at ${endpoint}, bucket ${bucket}) refuses with ${status} (${reason}); S3_BUCKET and the keys of S3_ACCESS_KEY_FILE and S3_SECRET_KEY_FILE decide`
  return new SharpEyesError('not_ready', text, { cause: error })
}
