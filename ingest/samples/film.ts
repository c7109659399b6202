import { once } from 'node:events'
import { createWriteStream, existsSync } from 'node:fs'
import { link, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { SharpEyesError } from '../../core/errors.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { kitchenScene } from './kitchen.ts'
import {
  EVENT_SECONDS,
  QUIET_REPEATS,
  QUIET_SECONDS,
  SAMPLE_FPS,
  SAMPLE_HEIGHT,
  SAMPLE_WIDTH,
  type Scene,
} from './scene.ts'
import { streetScene } from './street.ts'
import { worksScene } from './works.ts'

/** In the name of the folders: another drawing or encoding makes new ones. */
const VERSION = 4

export const SAMPLE_SCENES = {
  'sample-works': worksScene,
  'sample-street': streetScene,
  'sample-kitchen': kitchenScene,
} as const
export type SampleId = keyof typeof SAMPLE_SCENES

/** The folder that is played as this camera. */
export const sampleFolder = (folder: string, id: SampleId): string => join(folder, `${id}-${VERSION}`)

export const areSampleFilmsThere = (folder: string, id: string): boolean =>
  existsSync(sampleFolder(folder, id as SampleId))

/** Draws and encodes the films of one sample camera, once; about ten seconds of work. */
export async function makeSampleFilms(
  id: SampleId,
  {
    folder,
    mediaTools,
    log,
    signal,
  }: { folder: string; mediaTools: MediaTools; log: Log; signal?: AbortSignal },
): Promise<void> {
  if (areSampleFilmsThere(folder, id)) return
  const target = sampleFolder(folder, id)
  const scene = await SAMPLE_SCENES[id]()
  const half = `${target}.${process.pid}.half`
  await mkdir(half, { recursive: true })
  try {
    await encode(
      scene,
      { path: join(half, '00-event.mp4'), from: 0, seconds: EVENT_SECONDS },
      mediaTools,
      signal,
    )
    const quiet = join(half, '01-quiet.mp4')
    await encode(scene, { path: quiet, from: EVENT_SECONDS, seconds: QUIET_SECONDS }, mediaTools, signal)
    for (let n = 2; n <= QUIET_REPEATS; n++)
      await link(quiet, join(half, `${String(n).padStart(2, '0')}-quiet.mp4`))
    await rename(half, target)
  } finally {
    await rm(half, { recursive: true, force: true })
  }
  log.info({ sample: id }, 'sample films drawn')
}

interface Stretch {
  readonly path: string
  /** Seconds of the scene. */
  readonly from: number
  readonly seconds: number
}

async function encode(
  scene: Scene,
  stretch: Stretch,
  mediaTools: MediaTools,
  signal: AbortSignal | undefined,
): Promise<void> {
  const size = `${SAMPLE_WIDTH}x${SAMPLE_HEIGHT}`
  const raw = `-f rawvideo -pix_fmt rgb24 -s ${size} -r ${SAMPLE_FPS} -i pipe:0`
  const h264 = `-c:v libx264 -preset ultrafast -crf 20 -pix_fmt yuv420p -bf 0 -g ${SAMPLE_FPS * 2} -threads 1`
  const mp4 = '-f mp4 -movflags frag_keyframe+empty_moov pipe:1'
  const encoder = mediaTools.spawn('ffmpeg', `-nostdin -loglevel error ${raw} ${h264} ${mp4}`.split(' '), {
    stdin: 'pipe',
  })
  const input = encoder.stdin
  if (!input) throw new SharpEyesError('internal', 'the encoder has no standard input')
  let broken = false
  input.on('error', () => {
    broken = true // the exit below tells why
  })
  const written = pipeline(encoder.stdout, createWriteStream(stretch.path))
  const frames = SAMPLE_FPS * stretch.seconds
  for (let index = 0; index < frames && !broken && !signal?.aborted; index++) {
    const canvas = scene.ground(index)
    scene.draw(canvas, stretch.from + index / SAMPLE_FPS)
    if (!input.write(canvas.rgb)) await Promise.race([once(input, 'drain'), encoder.exited])
  }
  input.end()
  const [{ code }] = await Promise.all([encoder.exited, written])
  signal?.throwIfAborted()
  if (code !== 0) {
    throw new SharpEyesError(
      'source_invalid',
      `the film of ${scene.id} was not encoded: ${encoder.lastLines().join(' | ')}`,
    )
  }
}
