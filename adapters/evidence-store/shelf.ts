import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { SharpEyesError } from '../../core/errors.ts'
import type { EvidenceStore } from '../../core/ports/evidence.ts'
import type { EpochMs, Sha256 } from '../../core/units.ts'

/** An evidence store that also knows when its bytes came: what uploads and the collection of orphans need. */
export interface EvidenceShelf extends EvidenceStore {
  /** Whether the bytes are there and were put at `since` or later. */
  has(sha256: Sha256, since: EpochMs): Promise<boolean>
  /** Everything that was put last before `before`, in pages. */
  aged(before: EpochMs): AsyncIterable<readonly Sha256[]>
  /** Removes it, unless it was put again since. True: it is gone. */
  removeAged(sha256: Sha256, before: EpochMs): Promise<boolean>
}

/** `ab/cd/abcd…`, in a folder as in a bucket. Throws `bad_request` for what is no hash. */
export function placeOf(sha256: Sha256): string {
  if (!isSha256(sha256)) throw new SharpEyesError('bad_request', `"${sha256}" is not a SHA-256`)
  return `${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`
}

export const isSha256 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

export async function hashOf(
  content: Uint8Array | { readonly path: string },
): Promise<{ sha256: Sha256; bytes: number }> {
  const hash = createHash('sha256')
  if (content instanceof Uint8Array)
    return { sha256: hash.update(content).digest('hex'), bytes: content.length }
  let bytes = 0
  for await (const chunk of createReadStream(content.path) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { sha256: hash.digest('hex'), bytes }
}
