import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Frame } from '../../core/frame.ts'

/** RGB24 as a decoder gives it. */
export interface RgbPicture {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

/** Pictures of a film or of one picture file, decoded by the real ffmpeg; `fps` and `count` thin them out. */
export async function decodePictures(
  file: string,
  options: {
    readonly fps?: number
    readonly from?: number
    readonly count?: number
    readonly filter?: string
  } = {},
): Promise<readonly RgbPicture[]> {
  const { fps, from = 0, count, filter } = options
  const filters = [fps === undefined ? null : `fps=${fps}`, filter].filter((f) => f != null)
  const args = ['-v', 'error', ...(from > 0 ? ['-ss', String(from)] : []), '-i', file, '-an']
  if (filters.length > 0) args.push('-vf', filters.join(','))
  if (count !== undefined) args.push('-frames:v', String(count))
  // PPM says its size before each picture, so nothing else has to be asked.
  args.push('-f', 'image2pipe', '-c:v', 'ppm', 'pipe:1')
  const { stdout } = await promisify(execFile)('ffmpeg', args, { encoding: 'buffer', maxBuffer: 1 << 30 })
  const pictures: RgbPicture[] = []
  for (let at = 0; at < stdout.length; ) {
    const header = /^P6\s(\d+)\s(\d+)\s255\s/.exec(stdout.toString('latin1', at, at + 32))
    if (!header) throw new Error(`ffmpeg wrote no PPM at byte ${at}`)
    const [width, height] = [Number(header[1]), Number(header[2])]
    at += header[0].length
    pictures.push({ width, height, rgb: new Uint8Array(stdout.subarray(at, at + width * height * 3)) })
    at += width * height * 3
  }
  if (pictures.length === 0) throw new Error(`ffmpeg found no picture in ${file}`)
  return pictures
}

/** A picture as a camera's frame. */
export function asFrame(picture: RgbPicture, facts: Partial<Frame> = {}): Frame {
  return {
    cameraId: 'cam-1',
    connection: 1,
    index: 0,
    mediaMs: 0,
    capturedAt: 1_700_000_000_000,
    clock: { kind: 'media', errorMs: 0 },
    key: true,
    discontinuity: false,
    ...picture,
    ...facts,
  }
}
