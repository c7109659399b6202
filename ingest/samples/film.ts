import { once } from 'node:events'
import { existsSync, write } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SharpEyesError } from '../../core/errors.ts'
import type { Log, MediaTools } from '../../core/ports.ts'
import { type Canvas, random } from './canvas.ts'
import { kitchenScene } from './kitchen.ts'
import { SAMPLE_FPS, SAMPLE_HEIGHT, SAMPLE_SECONDS, SAMPLE_WIDTH, type Scene } from './scene.ts'
import { streetScene } from './street.ts'
import { worksScene } from './works.ts'

/** In the name of the film files: another drawing or encoding makes new ones. */
const VERSION = 1

export const SAMPLE_SCENES = {
  'sample-works': worksScene,
  'sample-street': streetScene,
  'sample-kitchen': kitchenScene,
} as const
export type SampleId = keyof typeof SAMPLE_SCENES

export const sampleFilmPath = (folder: string, id: SampleId): string => join(folder, `${id}-${VERSION}.mp4`)

/** Draws and encodes the film of one sample camera, once; some seconds of work. Returns its path. */
export async function makeSampleFilm(
  id: SampleId,
  {
    folder,
    mediaTools,
    log,
    signal,
  }: { folder: string; mediaTools: MediaTools; log: Log; signal?: AbortSignal },
): Promise<string> {
  const path = sampleFilmPath(folder, id)
  if (existsSync(path)) return path
  const scene = await SAMPLE_SCENES[id]()
  const half = `${path}.${process.pid}.half`
  // Opened here and handed over: the encoder's user cannot reach our folders.
  const file = await open(half, 'w+')
  try {
    await encode(scene, file.fd, mediaTools, signal)
    await file.sync()
    await rename(half, path)
  } finally {
    await file.close()
    await rm(half, { force: true })
  }
  log.info({ sample: id, seconds: SAMPLE_SECONDS }, 'sample film drawn')
  return path
}

async function encode(
  scene: Scene,
  fd: number,
  mediaTools: MediaTools,
  signal: AbortSignal | undefined,
): Promise<void> {
  const raw = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-s',
    `${SAMPLE_WIDTH}x${SAMPLE_HEIGHT}`,
    '-r',
    String(SAMPLE_FPS),
  ]
  const h264 = [
    '-c:v',
    'libx264',
    '-preset',
    'superfast',
    '-crf',
    '23',
    '-pix_fmt',
    'yuv420p',
    '-bf',
    '0',
    '-g',
    String(SAMPLE_FPS * 2),
  ]
  const process_ = mediaTools.spawn(
    'ffmpeg',
    [
      '-nostdin',
      '-y',
      '-loglevel',
      'error',
      ...raw,
      '-i',
      'pipe:0',
      ...h264,
      '-threads',
      '1',
      '-f',
      'mp4',
      '-movflags',
      'frag_keyframe+empty_moov',
      'pipe:1',
    ],
    { stdin: 'pipe' },
  )
  const input = process_.stdin
  if (!input) throw new SharpEyesError('internal', 'the encoder has no standard input')
  let failure: Error | null = null
  input.on('error', (error) => {
    failure = error // the exit below tells why
  })
  const written = writeAll(process_.stdout, fd)
  const frames = SAMPLE_FPS * SAMPLE_SECONDS
  const grounds = noisyBackgrounds(scene.background)
  for (let index = 0; index < frames && !failure && !signal?.aborted; index++) {
    const ground = grounds[(index * 7) % grounds.length] ?? scene.background.rgb
    const canvas: Canvas = { ...scene.background, rgb: ground.slice() }
    scene.draw(canvas, index / SAMPLE_FPS)
    if (!input.write(canvas.rgb)) await Promise.race([once(input, 'drain'), process_.exited])
  }
  input.end()
  const [{ code }] = await Promise.all([process_.exited, written])
  signal?.throwIfAborted()
  if (code !== 0) {
    throw new SharpEyesError(
      'source_invalid',
      `the film of ${scene.id} was not encoded: ${process_.lastLines().join(' | ')}`,
    )
  }
}

async function writeAll(stream: AsyncIterable<Uint8Array>, fd: number): Promise<void> {
  for await (const chunk of stream) {
    await new Promise<void>((done, fail) => write(fd, chunk, (error) => (error ? fail(error) : done())))
  }
}

/**
 * A real camera is never noise-free: without grain a still scene would look like a frozen picture. A handful of grainy
 * backgrounds in changing order does, and costs a copy a frame instead of a pass over every pixel.
 */
function noisyBackgrounds(background: Canvas): readonly Uint8Array[] {
  const dice = random(99)
  return Array.from({ length: 11 }, () => {
    const rgb = background.rgb.slice()
    for (let i = 0; i < rgb.length; i += 3) {
      const noise = Math.round((dice() + dice() - 1) * 5)
      for (let c = 0; c < 3; c++) rgb[i + c] = Math.min(255, Math.max(0, (rgb[i + c] ?? 0) + noise))
    }
    return rgb
  })
}
