import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Bits of the frame number that every picture of a numbered film carries as black and white blocks. */
export const NUMBER_BITS = 12

export interface NumberedFilm {
  readonly path: string
  readonly frames: number
  readonly fps?: number
  readonly width?: number
  readonly height?: number
  readonly codec?: 'h264' | 'h265'
  readonly gop?: number
  readonly bFrames?: number
  readonly openGop?: boolean
  /**
   * A white thing in the lower half, in shares of the picture: left, top, right, bottom. All else is grey and stands
   * still, but for the blocks, which are only an eighth of the picture high then.
   */
  readonly thing?: (index: number) => readonly [number, number, number, number]
}

/**
 * Encodes a film whose every picture says its own index: two rows of black and white blocks, the second one the
 * complement of the first, so that a picture that mixes two frames or is damaged is recognised as such.
 */
export async function makeNumberedFilm(film: NumberedFilm): Promise<void> {
  const { width = 384, height = 216, fps = 25, gop = 25, bFrames = 0, openGop = false, codec = 'h264' } = film
  const params =
    codec === 'h264'
      ? `keyint=${gop}:min-keyint=${gop}:scenecut=0:bframes=${bFrames}:b-adapt=0:open-gop=${openGop ? 1 : 0}`
      : `keyint=${gop}:min-keyint=${gop}:scenecut=0:bframes=${bFrames}:b-adapt=0:open-gop=${openGop ? 1 : 0}:log-level=error`
  const encoder =
    codec === 'h264'
      ? ['-c:v', 'libx264', '-preset', 'veryfast', '-x264-params', params]
      : ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', params, '-tag:v', 'hvc1']
  const args = ['-hide_banner', '-loglevel', 'error', '-y', '-f', 'rawvideo', '-pix_fmt', 'gray']
  args.push('-s', `${width}x${height}`, '-r', String(fps), '-i', 'pipe:0', ...encoder)
  args.push('-pix_fmt', 'yuv420p', '-an', film.path)
  const child = spawn('ffmpeg', args, { stdio: ['pipe', 'ignore', 'pipe'] })
  let problems = ''
  child.stderr.on('data', (chunk: Buffer) => {
    problems += chunk.toString()
  })
  const exited = once(child, 'exit')
  for (let index = 0; index < film.frames; index++) {
    if (!child.stdin.write(drawPicture(film, index, width, height))) await once(child.stdin, 'drain')
  }
  child.stdin.end()
  const [code] = await exited
  if (code !== 0) throw new Error(`the numbered film was not encoded: ${problems}`)
}

function drawPicture(film: NumberedFilm, index: number, width: number, height: number): Buffer {
  if (!film.thing) return drawNumber(index, width, height)
  const picture = Buffer.alloc(width * height, 90)
  drawNumber(index, width, height / 4).copy(picture, 0, 0, (width * height) / 8)
  const [left, top, right, bottom] = film.thing(index)
  for (let y = Math.round(top * height); y < Math.round(bottom * height); y++)
    picture.fill(255, y * width + Math.round(left * width), y * width + Math.round(right * width))
  return picture
}

function drawNumber(index: number, width: number, height: number): Buffer {
  const picture = Buffer.alloc(width * height)
  for (let y = 0; y < height; y++) {
    const row = y * width
    if (y < height / 2) {
      const complement = y >= height / 4 ? 1 : 0
      for (let bit = 0; bit < NUMBER_BITS; bit++) {
        const on = ((index >> bit) & 1) ^ complement
        const from = Math.floor((bit * width) / NUMBER_BITS)
        picture.fill(on ? 235 : 20, row + from, row + Math.floor(((bit + 1) * width) / NUMBER_BITS))
      }
    } else {
      // A moving texture below, so that inter prediction and residuals have work to do.
      for (let x = 0; x < width; x++) picture[row + x] = 60 + (((x + index * 3) ^ (y + index)) & 127)
    }
  }
  return picture
}

/** The frame number that a decoded RGB picture shows, or null when it is damaged or mixes frames. */
export function readNumber(picture: { rgb: Uint8Array; width: number; height: number }): number | null {
  const { rgb, width, height } = picture
  const level = (bit: number, y: number) =>
    rgb[(Math.floor(y) * width + Math.floor(((bit + 0.5) * width) / NUMBER_BITS)) * 3] ?? 0
  let index = 0
  for (let bit = 0; bit < NUMBER_BITS; bit++) {
    const upper = level(bit, height / 8)
    const lower = level(bit, (3 * height) / 8)
    if (Math.abs(upper - lower) < 100) return null
    if (upper > lower) index |= 1 << bit
  }
  return index
}
