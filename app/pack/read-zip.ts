import { createHash } from 'node:crypto'
import yauzl, { type Entry } from 'yauzl'
import { PACK_FILES } from '../../core/pack/manifest.ts'
import type { Finding, PackContents } from '../../core/pack/verify.ts'

export interface ZipLimits {
  readonly entries: number
  /** Unpacked bytes of all files, as the ZIP says them; more than it says is never read. */
  readonly bytes: number
  /** Of one JSON or text document, which is held in memory. */
  readonly documentBytes: number
  /** Unpacked against packed size of one file of more than a mebibyte. */
  readonly ratio: number
}

export const ZIP_LIMITS: ZipLimits = {
  entries: 5_000,
  bytes: 16 * 2 ** 30,
  documentBytes: 256 * 2 ** 20,
  ratio: 200,
}

interface ReadZip {
  readonly contents: PackContents
  readonly faults: readonly Finding[]
}

const DOCUMENTS = new Set<string>(Object.values(PACK_FILES))
const MEBIBYTE = 2 ** 20
const FORMAT_MASK = 0o170000
const REGULAR = 0o100000

/**
 * Reads a pack without unpacking it: hashes of all files, texts of the documents. A hostile ZIP (bomb, names that lead
 * out of a folder, links, one name twice, broken parts) becomes faults. Throws only when the file cannot be opened.
 */
export async function readZip(
  path: string,
  limits: ZipLimits = ZIP_LIMITS,
  onBytes: (done: number, total: number) => void = () => undefined,
): Promise<ReadZip> {
  const files = new Map<string, { bytes: number; sha256: string }>()
  const texts = new Map<string, string>()
  const faults: Finding[] = []
  const fault = (file: string | null, code: string, text: string) =>
    faults.push({ level: 'fault', file, code, text })
  const done = (): ReadZip => ({ contents: { files, texts }, faults })
  let zip: yauzl.ZipFile
  try {
    zip = await yauzl.openPromise(path, { autoClose: false, strictFileNames: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== undefined) throw error
    fault(null, 'no_zip', `is no ZIP file: ${messageOf(error)}`)
    return done()
  }
  try {
    if (zip.entryCount > limits.entries) {
      fault(null, 'too_many_files', `has ${zip.entryCount} files; a pack has at most ${limits.entries}`)
      return done()
    }
    const entries: Entry[] = []
    for await (const entry of zip.eachEntry()) entries.push(entry)
    const total = entries.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0)
    if (total > limits.bytes) {
      fault(null, 'bomb', `unpacks to ${total} bytes; a pack has at most ${limits.bytes}`)
      return done()
    }
    let read = 0
    const onChunk = (bytes: number) => {
      read += bytes
      onBytes(read, total)
    }
    for (const entry of entries) {
      const { fileName } = entry
      const refusal = refusalOf(entry, limits)
      if (refusal) fault(fileName, ...refusal)
      else if (files.has(fileName)) fault(fileName, 'name_twice', 'is in the ZIP twice')
      else {
        try {
          const { content, ...facts } = await readEntry(zip, entry, onChunk)
          files.set(fileName, facts)
          if (content !== null) texts.set(fileName, content)
        } catch (error) {
          fault(fileName, 'broken', `cannot be read: ${messageOf(error)}`)
        }
      }
    }
  } catch (error) {
    const unsafe = /^(invalid relative path|absolute path|invalid characters in fileName)/.test(
      messageOf(error),
    )
    fault(null, unsafe ? 'unsafe_name' : 'broken', messageOf(error))
  } finally {
    zip.close()
  }
  return done()
}

function refusalOf(entry: Entry, limits: ZipLimits): [code: string, text: string] | null {
  const { compressedSize, uncompressedSize } = entry
  // The upper half has the mode of Unix where a Unix program wrote it; 0: it did not.
  const format = (entry.externalFileAttributes >>> 16) & FORMAT_MASK
  if ((format !== 0 && format !== REGULAR) || entry.fileName.endsWith('/'))
    return ['no_file', 'is a link, a folder or a device, and not a file']
  if (entry.isEncrypted()) return ['encrypted', 'is encrypted']
  if (uncompressedSize > MEBIBYTE && uncompressedSize > compressedSize * limits.ratio)
    return ['bomb', `unpacks ${compressedSize} bytes to ${uncompressedSize}`]
  if (DOCUMENTS.has(entry.fileName) && uncompressedSize > limits.documentBytes)
    return ['too_large', `has ${uncompressedSize} bytes; a document has at most ${limits.documentBytes}`]
  return null
}

async function readEntry(
  zip: yauzl.ZipFile,
  entry: Entry,
  onBytes: (bytes: number) => void,
): Promise<{ bytes: number; sha256: string; content: string | null }> {
  const stream = await zip.openReadStreamPromise(entry)
  const hash = createHash('sha256')
  const kept: Buffer[] | null = DOCUMENTS.has(entry.fileName) ? [] : null
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
    kept?.push(chunk)
    onBytes(chunk.length)
  }
  // Bytes that are no UTF-8 become another text, which no check takes for the right one.
  const content = kept === null ? null : Buffer.concat(kept).toString('utf8')
  return { bytes, sha256: hash.digest('hex'), content }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
