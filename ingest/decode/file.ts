import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { SharpEyesError } from '../../core/errors.ts'
import type { Frame } from '../../core/frame.ts'
import type { MediaProcess, MediaTools } from '../../core/ports/media.ts'
import { FILE_INPUT, noPictures, probeFile } from './file-facts.ts'
import { createFileStamps } from './file-stamps.ts'
import { selectExpression } from './sampling.ts'
import { analysisSize, rgbBytes, type Size } from './size.ts'

export interface FileRequest {
  readonly path: string
  readonly mediaTools: MediaTools
  /** Pictures a second of media time, on the grid k / fps from the first picture on; absent: every picture. */
  readonly fps?: number
  /** Widest picture, pixels, never enlarged; absent: as it is in the file. */
  readonly width?: number
  readonly signal: AbortSignal
}

/**
 * The pictures of a film or of a still image (one), as fast as they are taken and none left out. `mediaMs` counts from
 * the first picture, `index` every picture of the file, sampled or not; `capturedAt` is `mediaMs` (clock `media`). Two
 * runs give the same. Ends early and quietly with the signal. Throws `source_invalid` for what is no video.
 */
export async function* decodeFile(request: FileRequest): AsyncGenerator<Frame, void, undefined> {
  const { path, mediaTools, signal } = request
  const native = await withFile(path, (file) => probeFile(path, file, mediaTools))
  const size = request.width === undefined ? native : analysisSize(native, request.width)
  const file = await openFile(path)
  const media = mediaTools.spawn('ffmpeg', fileArguments(size, request.fps), { fds: [file.fd] })
  const onAbort = () => void media.stop(0)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    yield* frames(request, media, size)
  } finally {
    signal.removeEventListener('abort', onAbort)
    await media.stop(0)
    await file.close()
  }
}

function fileArguments(size: Size, fps: number | undefined): string[] {
  const select = fps === undefined ? 'null' : `select=${selectExpression(fps, false).replaceAll(',', '\\,')}`
  const filter = [
    // Ticks from the first picture on; then each picture's stamp before and after the choice.
    'setpts=PTS-STARTPTS',
    'showinfo@source=checksum=0',
    select,
    `scale=${size.width}:${size.height}:flags=fast_bilinear`,
    'showinfo@taken=checksum=0',
  ].join(',')
  return [
    ...[
      '-hide_banner',
      '-nostats',
      '-nostdin',
      '-loglevel',
      'level+info',
      ...FILE_INPUT,
      '-i',
      '/proc/self/fd/3',
    ],
    ...['-map', '0:V:0', '-copyts', '-fps_mode', 'passthrough', '-vf', filter, '-pix_fmt', 'rgb24'],
    ...['-f', 'rawvideo', 'pipe:1'],
  ]
}

async function* frames(
  { path, signal }: FileRequest,
  media: MediaProcess,
  size: Size,
): AsyncGenerator<Frame, void, undefined> {
  const stamps = createFileStamps(media)
  const cameraId = basename(path)
  const bytes = rgbBytes(size)
  let shown = 0
  let rgb = Buffer.allocUnsafeSlow(bytes)
  let filled = 0
  try {
    for await (const chunk of media.stdout as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; ) {
        const part = Math.min(chunk.length - at, bytes - filled)
        chunk.copy(rgb, filled, at, at + part)
        filled += part
        at += part
        if (filled < bytes) continue
        const { index, mediaMs, key } = await stamps.next()
        yield {
          ...{
            cameraId,
            connection: 1,
            index,
            mediaMs,
            capturedAt: mediaMs,
            clock: { kind: 'media', errorMs: 0 },
          },
          ...{ key, discontinuity: false, width: size.width, height: size.height, rgb },
        }
        shown++
        rgb = Buffer.allocUnsafeSlow(bytes)
        filled = 0
      }
    }
  } catch (error) {
    // The stop that an abort asks for breaks the pipe.
    if (signal.aborted) return
    throw error
  }
  const { code, signal: killed } = await media.exited
  if (signal.aborted) return
  if (shown === 0) throw noPictures(path, media.lastLines())
  if (code === 0) return
  throw new SharpEyesError(
    'source_invalid',
    `${path} could be read up to its picture ${shown} only: ffmpeg ended (${killed ?? `code ${code}`}): ${media.lastLines().at(-1) ?? ''}`,
  )
}

async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await openFile(path)
  try {
    return await work(file)
  } finally {
    await file.close()
  }
}

async function openFile(path: string): Promise<FileHandle> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be opened (${code})`
    throw new SharpEyesError('source_invalid', `${path}: ${why}; check the path`, { cause: error })
  }
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw new SharpEyesError('source_invalid', `${path} is not a file; give a video or picture file`)
}
