import type { FileHandle } from 'node:fs/promises'
import { z } from 'zod'
import { SharpEyesError } from '../../core/errors.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import type { Size } from './size.ts'

/**
 * What a file may be. Play lists and the like, which name further files and addresses, are not among them: a hostile
 * file must not make ffmpeg open anything else.
 */
export const FILE_FORMATS = [
  ...[
    'mov',
    'mp4',
    'm4a',
    '3gp',
    'matroska',
    'webm',
    'avi',
    'mpegts',
    'mpeg',
    'mpegvideo',
    'flv',
    'asf',
    'ogg',
    'mxf',
  ],
  ...['h264', 'hevc', 'm4v', 'mjpeg', 'ivf', 'yuv4mpegpipe', 'gif', 'dhav', 'nut'],
  ...['jpeg_pipe', 'jpegls_pipe', 'png_pipe', 'webp_pipe', 'bmp_pipe', 'tiff_pipe'],
].join(',')

/** Input options of every child that reads such a file; `-i` comes next. */
export const FILE_INPUT = ['-protocol_whitelist', 'file', '-format_whitelist', FILE_FORMATS] as const

const probeSchema = z.object({
  streams: z
    .array(
      z.object({
        codec_name: z.string().optional(),
        width: z.int().positive(),
        height: z.int().positive(),
        side_data_list: z.array(z.object({ rotation: z.number().optional() })).optional(),
      }),
    )
    .min(1),
})

/** Size of the pictures as they are shown (a phone's film may be stored turned). Throws `source_invalid`: no pictures. */
export async function probeFile(path: string, file: FileHandle, mediaTools: MediaTools): Promise<Size> {
  const probe = mediaTools.spawn(
    'ffprobe',
    [
      ...['-v', 'error', ...FILE_INPUT, '-select_streams', 'V:0', '-show_entries'],
      ...['stream=codec_name,width,height:stream_side_data=rotation', '-of', 'json', '-i', '/proc/self/fd/3'],
    ],
    { fds: [file.fd] },
  )
  let json = ''
  for await (const chunk of probe.stdout) json += String(chunk)
  await probe.exited
  const facts = probeSchema.safeParse(parseJson(json))
  const stream = facts.data?.streams[0]
  if (!stream) throw noPictures(path, probe.lastLines())
  const turn = stream.side_data_list?.find((data) => data.rotation !== undefined)?.rotation ?? 0
  const { width, height } = stream
  return Math.abs(turn) % 180 === 90 ? { width: height, height: width } : { width, height }
}

export function noPictures(path: string, words: readonly string[]): SharpEyesError {
  const said = words.at(-1)?.replaceAll('/proc/self/fd/3', path).replaceAll('cache:pipe:3', path)
  const reason = said ? ` (${said})` : ''
  return new SharpEyesError(
    'source_invalid',
    `${path} is no video or picture that can be read${reason}; give an MP4, MKV, AVI, MPEG-TS, JPEG, PNG or WebP file`,
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // ffprobe was killed or refused the file: the caller says so with its last words.
    return null
  }
}
