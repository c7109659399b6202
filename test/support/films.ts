import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A film of ffmpeg's moving test picture. */
export interface TestFilm {
  readonly codec?: 'h264' | 'h265' | 'mpeg4' | 'mjpeg'
  readonly width?: number
  readonly height?: number
  readonly fps?: number
  readonly seconds?: number
  /** Frames from key frame to key frame. */
  readonly gop?: number
  readonly bFrames?: number
  readonly container?: 'mp4' | 'avi' | 'mkv'
  /** Played this often, copied without encoding: what an RTSP server needs to last. */
  readonly times?: number
  /** Bits a second, for films whose weight matters. */
  readonly bitrate?: string
}

/** The path of such a film: made once and kept in the temporary folder, so that a test run encodes it only the first time. */
export async function testFilm(film: TestFilm = {}): Promise<string> {
  const folder = join(tmpdir(), 'sharp-eyes-test-films')
  await mkdir(folder, { recursive: true })
  const { codec = 'h264', container = 'mp4', times = 1 } = film
  const name = createHash('sha256').update(JSON.stringify(film)).digest('hex').slice(0, 12)
  const path = join(folder, `${codec}-${name}.${container}`)
  if (existsSync(path)) return path
  const unfinished = join(folder, `${process.pid}-${name}.${container}`)
  if (times > 1) {
    const once = await testFilm({ ...film, times: 1 })
    await ffmpeg(['-stream_loop', String(times - 1), '-i', once, '-c', 'copy', unfinished])
  } else await encode(film, unfinished)
  await rename(unfinished, path)
  return path
}

async function encode(film: TestFilm, path: string): Promise<void> {
  const { width = 320, height = 180, fps = 25, seconds = 4 } = film
  const source = `testsrc2=s=${width}x${height}:r=${fps}:d=${seconds}`
  await ffmpeg(['-f', 'lavfi', '-i', source, ...encoder(film), '-an', path])
}

function encoder({ codec = 'h264', gop = 25, bFrames = 0, bitrate }: TestFilm): string[] {
  const rate = bitrate ? ['-b:v', bitrate, '-maxrate', bitrate, '-bufsize', bitrate] : []
  const keys = `keyint=${gop}:min-keyint=${gop}:scenecut=0:bframes=${bFrames}:b-adapt=0`
  switch (codec) {
    case 'h264':
      return ['-c:v', 'libx264', '-preset', 'veryfast', '-x264-params', keys, '-pix_fmt', 'yuv420p', ...rate]
    case 'h265':
      return [
        '-c:v',
        'libx265',
        '-preset',
        'ultrafast',
        '-x265-params',
        `${keys}:log-level=error`,
        '-tag:v',
        'hvc1',
        ...rate,
      ]
    case 'mpeg4':
      return ['-c:v', 'mpeg4', '-q:v', '5', '-g', String(gop)]
    case 'mjpeg':
      return ['-c:v', 'mjpeg', '-q:v', '5', '-pix_fmt', 'yuvj420p']
  }
}

async function ffmpeg(args: readonly string[]): Promise<void> {
  await run('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', ...args])
}

/** How many pictures a decoder finds in a film. */
export async function countFrames(path: string): Promise<number> {
  const args = [
    '-v',
    'error',
    '-count_frames',
    '-show_entries',
    'stream=nb_read_frames',
    '-of',
    'csv=p=0',
    path,
  ]
  const { stdout } = await run('ffprobe', args)
  return Number.parseInt(stdout, 10)
}

/** The pictures of an MJPEG film, as they are in it. */
export async function jpegsOf(path: string): Promise<Buffer[]> {
  const args = ['-v', 'error', '-i', path, '-c', 'copy', '-f', 'image2pipe', 'pipe:1']
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 64 << 20 })
  const starts: number[] = []
  const next = (from: number) => stdout.indexOf('ffd8ff', from, 'hex')
  for (let at = next(0); at >= 0; at = next(at + 3)) starts.push(at)
  return starts.map((from, i) => stdout.subarray(from, starts[i + 1] ?? stdout.length))
}
