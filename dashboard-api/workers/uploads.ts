import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Request } from 'express'
import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { WorkerPorts } from './ports.ts'

/** Twenty seconds of a 4K camera have 50 MB. */
export const MAX_EVIDENCE_BYTES = 256 * 1024 * 1024
/** Together they may lie on the disk of the server, and each costs a hash. */
const MAX_AT_ONCE = 16
const LEFTOVER_MS = 3_600_000

export interface EvidenceUploads {
  /** Takes the body of a request into the store. Throws `invalid` when its bytes are not those of `sha256`. */
  take(request: Request, sha256: string): Promise<{ sha256: string; bytes: number }>
}

/** Streams to a temporary file, hashes on the way, and hands over only what has the hash that it came under. */
export function createEvidenceUploads(deps: {
  readonly folder: string
  readonly evidence: WorkerPorts['evidence']
  readonly clock: Clock
  readonly maxBytes?: number
}): EvidenceUploads {
  const { folder, evidence, clock } = deps
  const maxBytes = deps.maxBytes ?? MAX_EVIDENCE_BYTES
  removeLeftovers(folder, clock).catch(() => undefined) // a folder that cannot be used is said by the first upload
  let running = 0

  const tooLarge = () =>
    new SharpEyesError(
      'too_large',
      `evidence has more than ${maxBytes >> 20} MB: a clip is some seconds long`,
    )

  return {
    async take(request, sha256) {
      if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge()
      if (running >= MAX_AT_ONCE) {
        throw new SharpEyesError(
          'too_many_requests',
          `${running} uploads run already; try again in a moment`,
          {
            details: { retryAfterSeconds: 1 },
          },
        )
      }
      running += 1
      const path = join(folder, randomUUID())
      try {
        // Each time: another process of this server may have tidied it away.
        await mkdir(folder, { recursive: true, mode: 0o700 })
        const got = await write(request, path, maxBytes, tooLarge)
        if (got !== sha256) {
          throw new SharpEyesError(
            'invalid',
            `the bytes have the hash ${got}, the address says ${sha256}: they were changed on the way`,
          )
        }
        return await evidence.put({ path })
      } finally {
        running -= 1
        await rm(path, { force: true })
      }
    },
  }
}

async function write(
  request: Request,
  path: string,
  maxBytes: number,
  tooLarge: () => Error,
): Promise<string> {
  const hash = createHash('sha256')
  let bytes = 0
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > maxBytes) return done(tooLarge())
      hash.update(chunk)
      done(null, chunk)
    },
  })
  try {
    await pipeline(request, measure, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new SharpEyesError('disk_full', 'the disk of the server is full: the evidence was not taken')
    }
    if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') {
      throw new SharpEyesError('bad_request', 'the upload broke off')
    }
    throw error
  }
  return hash.digest('hex')
}

/** What a process that was killed has left. Others may do the same at the same time, or end their uploads. */
async function removeLeftovers(folder: string, clock: Clock): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const facts = await stat(path).catch(() => null)
    if (facts && clock.now() - facts.mtimeMs > LEFTOVER_MS) await rm(path, { force: true })
  }
}
