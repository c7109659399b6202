import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface RawFilm {
  readonly path: string
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly seconds: number
  /** RGB24 picture of each moment; may be the same array again. */
  readonly picture: (seconds: number, index: number) => Uint8Array
  /** Width of the film where it differs from that of the pictures. */
  readonly outWidth?: number
  /** Strength of ffmpeg's temporal noise (0–100), after scaling; 0: none. Seeded: the same film every time. */
  readonly noise?: number
  /** Constant rate factor of x264; 26 by default, more is coarser. */
  readonly crf?: number
}

/** Encodes raw pictures as H.264 in MP4: GOP of 2 s, no B-frames. Throws with ffmpeg's own words. */
export async function encodeFilm(film: RawFilm): Promise<void> {
  const { path, width, height, fps, seconds, noise = 0, outWidth = width, crf = 26 } = film
  const filters = [...(outWidth === width ? [] : [`scale=${outWidth}:-2`])]
  if (noise > 0) filters.push(`noise=alls=${noise}:allf=t:all_seed=7`)
  const gop = fps * 2
  const args = ['-hide_banner', '-loglevel', 'error', '-y', '-f', 'rawvideo', '-pix_fmt', 'rgb24']
  args.push('-s', `${width}x${height}`, '-r', String(fps), '-i', 'pipe:0')
  if (filters.length > 0) args.push('-vf', filters.join(','))
  args.push('-c:v', 'libx264', '-preset', 'superfast', '-crf', String(crf), '-pix_fmt', 'yuv420p')
  args.push('-x264-params', `keyint=${gop}:min-keyint=${gop}:scenecut=0:bframes=0`, '-an', path)
  const child = spawn('ffmpeg', args, { stdio: ['pipe', 'ignore', 'pipe'] })
  let problems = ''
  child.stderr.on('data', (chunk: Buffer) => {
    problems += chunk.toString()
  })
  // A broken pipe means that ffmpeg ended; its exit and its words say why.
  child.stdin.on('error', (error) => {
    problems += `${error.message}\n`
  })
  const exited = once(child, 'exit')
  for (let index = 0; index < Math.round(seconds * fps) && child.exitCode === null; index++) {
    if (!child.stdin.write(film.picture(index / fps, index))) {
      await Promise.race([once(child.stdin, 'drain'), exited])
    }
  }
  child.stdin.end()
  const [code] = await exited
  if (code !== 0) throw new Error(`ffmpeg did not encode ${path}: ${problems}`)
}

/** Every picture of a film as RGB24 at its own size, by ffmpeg. */
export async function decodePictures(
  path: string,
  options: { readonly size: readonly [number, number] },
): Promise<readonly Uint8Array[]> {
  const [width, height] = options.size
  const args = [
    '-hide_banner',
    '-loglevel',
    'error',
    '-i',
    path,
    '-an',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
  ]
  args.push('-vf', `scale=${width}:${height}`, 'pipe:1')
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`ffmpeg did not decode ${path}`)
  const all = Buffer.concat(chunks)
  const bytes = width * height * 3
  return Array.from({ length: Math.floor(all.length / bytes) }, (_, n) =>
    all.subarray(n * bytes, (n + 1) * bytes),
  )
}
