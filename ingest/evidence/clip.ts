import { once } from 'node:events'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { SharpEyesError } from '../../core/errors.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import type { RingFileIndex, RingFrame } from '../ring/scan.ts'

/** Frames of one file, in order, to be cut out of it. */
export interface Cut {
  readonly file: RingFileIndex
  readonly frames: readonly RingFrame[]
}

/**
 * Writes the cuts, which share one init segment, as one MP4 that plays while it loads (`+faststart`); the coded
 * pictures stay as they are. `path` is there only when it is whole, and durable then. Throws `source_invalid` with
 * ffmpeg's words.
 */
export async function writeClip(cuts: readonly Cut[], path: string, mediaTools: MediaTools): Promise<void> {
  const unfinished = `${path}.part`
  const output = await open(unfinished, 'w', 0o600)
  try {
    // ffmpeg may run as another user. It gets this one file through its descriptor; the folder stays closed to it.
    await output.chmod(0o666)
    await remux(cuts, output, mediaTools)
    await output.chmod(0o640)
    await output.sync()
  } catch (error) {
    await output.close()
    await rm(unfinished, { force: true })
    throw error
  }
  await output.close()
  await rename(unfinished, path)
}

async function remux(cuts: readonly Cut[], output: FileHandle, mediaTools: MediaTools): Promise<void> {
  const media = mediaTools.spawn(
    'ffmpeg',
    [
      ...[
        '-hide_banner',
        '-nostats',
        '-loglevel',
        'error',
        '-y',
        '-f',
        'mp4',
        '-ignore_editlist',
        '1',
        '-i',
        'pipe:0',
      ],
      ...['-map', '0:v:0', '-c', 'copy', '-movflags', '+faststart', '-f', 'mp4', '/proc/self/fd/3'],
    ],
    { stdin: 'pipe', fds: [output.fd] },
  )
  media.stdout.resume()
  let ended = false
  const exited = media.exited.finally(() => {
    ended = true
  })
  media.stdin?.on('error', () => undefined)
  try {
    if (media.stdin) await feed(cuts, media.stdin, () => ended, exited)
  } finally {
    media.stdin?.end()
  }
  const { code, signal } = await exited
  if (code === 0) return
  const words = media.lastLines().join('; ')
  throw new SharpEyesError(
    'source_invalid',
    `the clip could not be cut: ffmpeg ended (${signal ?? `code ${code}`}): ${words}`,
  )
}

async function feed(
  cuts: readonly Cut[],
  stdin: Writable,
  ended: () => boolean,
  exited: Promise<unknown>,
): Promise<void> {
  const write = async (bytes: Uint8Array) => {
    if (ended() || stdin.write(bytes)) return
    const drained = new AbortController()
    await Promise.race([once(stdin, 'drain', { signal: drained.signal }).catch(() => undefined), exited])
    drained.abort()
  }
  let first = true
  for (const { file, frames } of cuts) {
    const source = await open(file.path, 'r')
    try {
      if (first) await write(await bytesOf(source, 0, file.initBytes))
      first = false
      for (const frame of frames) await write(await bytesOf(source, frame.offset, frame.bytes))
    } finally {
      await source.close()
    }
  }
}

export async function bytesOf(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, offset)
  if (bytesRead !== bytes)
    throw new SharpEyesError('source_invalid', 'a recording ends before its index says so')
  return buffer
}
