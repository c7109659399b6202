import type { FullPicture } from '../../core/ports/evidence.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import type { EpochMs } from '../../core/units.ts'
import { readDecoderLine } from '../decode/stderr-lines.ts'

/** Coded pictures from a key frame on, the last one being the one that is asked for. */
export interface CodedPicture {
  readonly init: Uint8Array
  readonly timescale: number
  readonly coded: readonly Uint8Array[]
  /** Presentation time of the picture, ticks. */
  readonly ticks: number
  readonly capturedAt: EpochMs
}

const RGB_BYTES = 3

/** What of a picture is handed on, in its pixels; all even, as 4:2:0 has them. */
export interface StillPart {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** Longer side of what is handed on at most, pixels. */
  readonly longest: number
}

/**
 * Decodes one picture, or a part of it, in full resolution. Null when it is damaged: ffmpeg fills what is missing from other pictures,
 * and a still must show what it says. The signal ends it with null.
 */
export async function decodeStill(
  picture: CodedPicture,
  mediaTools: MediaTools,
  options: { readonly part?: StillPart; readonly signal?: AbortSignal } = {},
): Promise<FullPicture | null> {
  const { part, signal } = options
  // Rounded times: half a millisecond either way is the same picture.
  const slack = picture.timescale / 2000
  const wanted = `between(pts\\,${Math.floor(picture.ticks - slack)}\\,${Math.ceil(picture.ticks + slack)})`
  const media = mediaTools.spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-nostats', '-loglevel', 'level+info', '-threads', '2', '-ignore_editlist', '1'],
      ...['-probesize', '32', '-analyzeduration', '0'],
      ...['-f', 'mp4', '-i', 'pipe:0', '-copyts', '-fps_mode', 'passthrough', '-an', '-sn'],
      ...[
        '-vf',
        `select=${wanted}${part ? `,${partFilter(part)}` : ''},showinfo=checksum=0`,
        '-frames:v',
        '1',
        '-pix_fmt',
        'rgb24',
        '-f',
        'rawvideo',
        'pipe:1',
      ],
    ],
    { stdin: 'pipe' },
  )
  const onAbort = () => void media.stop(0)
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  let size: { width: number; height: number } | null = null
  let damaged = false
  media.onStderr((text) => {
    const line = readDecoderLine(text)
    if (line?.kind === 'stamp') size ??= { width: line.width, height: line.height }
    if (line?.kind === 'damage') damaged = true
  })
  const chunks: Buffer[] = []
  media.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  // It closes its input as soon as it has the picture; `exited` tells of a real failure.
  media.stdin?.on('error', () => undefined)
  media.stdin?.write(picture.init)
  for (const bytes of picture.coded) media.stdin?.write(bytes)
  media.stdin?.end()
  await media.exited
  signal?.removeEventListener('abort', onAbort)
  if (signal?.aborted) return null
  const found = size as { width: number; height: number } | null
  if (!found || damaged) return null
  const rgb = Buffer.concat(chunks)
  if (rgb.length !== found.width * found.height * RGB_BYTES) return null
  return { ...found, rgb, capturedAt: picture.capturedAt }
}

function partFilter({ left, top, width, height, longest }: StillPart): string {
  const crop = `crop=${width}:${height}:${left}:${top}`
  const factor = longest / Math.max(width, height)
  if (factor >= 1) return crop
  return `${crop},scale=${Math.round(width * factor)}:${Math.round(height * factor)}:flags=area`
}
