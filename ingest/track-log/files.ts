import { createReadStream, createWriteStream } from 'node:fs'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { createTrackLogDecoder, type TrackLogEntry } from '../../core/track-log.ts'
import type { EpochMs } from '../../core/units.ts'

/** A file of a camera's log. `FROM.jsonl` is being written (or was, when its process was killed); `FROM-TO.jsonl.gz` is closed. */
export interface TrackLogFile {
  readonly path: string
  readonly from: EpochMs
  /** Null: it is not closed. */
  readonly to: EpochMs | null
  readonly bytes: number
}

const NAME = /^(\d{1,15})(?:-(\d{1,15}))?\.jsonl(\.gz)?$/
const PART = '.part'
/** No line of ours is longer: a picture has at most some hundred finds. What is longer is no line. */
const MAX_LINE = 1 << 20

export const openName = (from: EpochMs): string => `${Math.round(from)}.jsonl`

/** Oldest first. A folder that is not there has none. */
export async function trackLogFiles(folder: string): Promise<readonly TrackLogFile[]> {
  const files: TrackLogFile[] = []
  for (const name of await namesOf(folder)) {
    const [, from, to, gz] = NAME.exec(name) ?? []
    if (from === undefined || (to === undefined) !== (gz === undefined)) continue
    const path = join(folder, name)
    const size = await stat(path).then(
      (facts) => facts.size,
      () => null,
    )
    // Closed or removed since the look at the folder.
    if (size === null) continue
    files.push({ path, from: Number(from), to: to === undefined ? null : Number(to), bytes: size })
  }
  return files.sort((a, b) => a.from - b.from)
}

/** Packs a file that nobody writes any more; answers null when no whole picture was in it, and it is gone. */
export async function closeFile(folder: string, file: TrackLogFile): Promise<TrackLogFile | null> {
  let to: EpochMs | null = null
  for await (const { entry } of readEntries(file.path))
    if (entry.kind === 'picture') to = Math.max(to ?? 0, Math.round(entry.picture.capturedAt))
  if (to === null) {
    await rm(file.path, { force: true })
    return null
  }
  const path = join(folder, `${file.from}-${Math.max(to, file.from)}.jsonl.gz`)
  await pipeline(createReadStream(file.path), createGzip(), createWriteStream(`${path}${PART}`))
  const handle = await open(`${path}${PART}`, 'r')
  await handle.sync().finally(() => handle.close())
  await rename(`${path}${PART}`, path)
  await rm(file.path, { force: true })
  return { ...file, path, to: Math.max(to, file.from), bytes: (await stat(path)).size }
}

/** Removes what a process that was killed left half packed. */
export async function removeParts(folder: string): Promise<void> {
  for (const name of await namesOf(folder))
    if (name.endsWith(PART)) await rm(join(folder, name), { force: true })
}

/**
 * The entries of one file, in order. What a killed process left of its last line, and any other line that is none, is
 * passed over: `passed` counts them up to here. Throws `ENOENT` when the file is gone.
 */
export async function* readEntries(
  path: string,
): AsyncGenerator<{ readonly entry: TrackLogEntry; readonly passed: number }> {
  const source = createReadStream(path)
  const packed = path.endsWith('.gz')
  const stream = packed ? source.pipe(createGunzip()) : source
  if (packed) source.on('error', (error) => stream.destroy(error))
  const decoder = createTrackLogDecoder()
  let passed = 0
  let rest = ''
  const read = (line: string): TrackLogEntry | null => {
    try {
      return decoder.line(line)
    } catch {
      passed += 1
      return null
    }
  }
  stream.setEncoding('utf8')
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE) [rest, passed] = ['', passed + 1]
    for (const line of lines) {
      const entry = read(line)
      if (entry) yield { entry, passed }
    }
  }
  // A last line without its end was being written when the process was killed, or is being written now.
}

async function namesOf(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}
