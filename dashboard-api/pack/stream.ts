import { createHash } from 'node:crypto'
import { createReadStream, type ReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Response } from 'express'
import yazl from 'yazl'
import { SharpEyesError } from '../../core/errors.ts'
import type { PackFile } from '../../core/pack/manifest.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'

/** A file of the pack: bytes at hand, or evidence that is read when its turn comes. */
export type Part =
  | { readonly path: string; readonly content: Buffer }
  | { readonly path: string; readonly file: Pick<PackFile, 'sha256' | 'bytes'> }

/**
 * Reads every piece of evidence once before anything is sent: what is missing or damaged, and a disk that cannot take
 * what the object store has, is a problem that the caller can show, and no half pack.
 */
export async function checkEvidence(store: EvidenceStore, files: readonly PackFile[]): Promise<void> {
  for (const { path, sha256, bytes, evidence } of files) {
    if (path === null) continue
    const local = await locate(store, sha256)
    const hash = createHash('sha256')
    let size = 0
    for await (const chunk of createReadStream(local) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      size += chunk.length
    }
    if (size !== bytes || hash.digest('hex') !== sha256) {
      throw new SharpEyesError(
        'internal',
        `the bytes of evidence ${evidence} are not those of its hash ${sha256}: the store is damaged`,
      )
    }
  }
}

/** Sends the ZIP, stored without compression so that its length is known before: pictures and films are compressed. */
export async function sendZip(
  response: Response,
  name: string,
  parts: readonly Part[],
  { store, at }: { readonly store: EvidenceStore; readonly at: Date },
): Promise<void> {
  const zip = new yazl.ZipFile()
  const options = { mtime: at, mode: 0o100644, compress: false }
  let open: ReadStream | null = null
  for (const part of parts) {
    if ('content' in part) zip.addBuffer(part.content, part.path, options)
    else {
      zip.addReadStreamLazy(part.path, { ...options, size: part.file.bytes }, (done) => {
        locate(store, part.file.sha256).then(
          (path) => {
            open = createReadStream(path)
            done(null, open)
          },
          (error: unknown) => done(error, open as unknown as NodeJS.ReadableStream),
        )
      })
    }
  }
  const size = await new Promise<number>((resolve) => {
    // The types of the package do not know that it is told the size.
    zip.end({ forceZip64Format: false, comment: '' }, resolve as () => void)
  })
  response.setHeader('Content-Type', 'application/zip')
  response.setHeader('Content-Length', String(size))
  response.setHeader('Content-Disposition', `attachment; filename="${name}"`)
  response.setHeader('Cache-Control', 'private, no-store')
  const output = zip.outputStream as NodeJS.ReadableStream & { destroy(error?: Error): void }
  zip.on('error', (error: Error) => output.destroy(error))
  try {
    await pipeline(output, response)
  } catch (error) {
    // Whoever hung up has seen enough: nobody is left to be told.
    if (!response.destroyed || !isGone(error)) throw error
  } finally {
    ;(open as ReadStream | null)?.destroy()
  }
}

const isGone = (error: unknown): boolean =>
  /^(ERR_STREAM_PREMATURE_CLOSE|ECONNRESET|EPIPE|ERR_STREAM_DESTROYED)$/.test(
    (error as NodeJS.ErrnoException).code ?? '',
  )

async function locate(store: EvidenceStore, sha256: string): Promise<string> {
  try {
    const path = await store.locate(sha256)
    if (path) return path
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause
    throw new SharpEyesError(
      'disk_full',
      'the pack needs evidence from the object store and the disk of its cache is full: free some space, then export again',
      { cause },
    )
  }
  throw new SharpEyesError('internal', `the bytes of evidence ${sha256} are missing`)
}
