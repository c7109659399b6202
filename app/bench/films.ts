import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { findMediaTool } from '../../adapters/media-find.ts'
import { SharpEyesError } from '../../core/errors.ts'

export const BENCH_FPS = 25
/** A key frame every 2 s, as a camera should send. */
const GOP = 2 * BENCH_FPS
/** Bits a second of a usual 1080p camera. */
const BITRATE = '4M'
/** Seconds that are encoded; the rest is the same again, copied. */
const PIECE_S = 10

interface Drawing {
  /** A filter graph that ends in the picture. */
  readonly graph: string
  readonly seconds: number
  readonly bitrate: string
}

const GROUND = 'gradients=c0=0x707a80:c1=0x9aa39a:x0=0:y0=0:x1=1800:y1=1000:speed=0.00001'

/** 1080p25 of a scene in which nothing moves, with the noise of a sensor. */
const QUIET: Drawing = {
  graph: `${GROUND}:s=1920x1080:r=${BENCH_FPS},drawgrid=w=160:h=120:t=3:c=0x505860,noise=alls=7:allf=t`,
  seconds: PIECE_S,
  bitrate: BITRATE,
}

/** 1080p25 in which something moves in every picture. */
const MOVING: Drawing = {
  graph: `testsrc2=s=1920x1080:r=${BENCH_FPS},noise=alls=7:allf=t`,
  seconds: PIECE_S,
  bitrate: BITRATE,
}

/** Period of EVENTFUL: long enough that the event of one pass has ended and the camera is in sentry before the next. */
export const EVENT_PERIOD_S = 16
/** 540p25: a box crosses the quiet scene for 5 s, then nothing for 11 s. */
const EVENTFUL: Drawing = {
  graph: [
    `${GROUND}:s=960x540:r=${BENCH_FPS},drawgrid=w=80:h=60:t=2:c=0x505860[ground]`,
    `color=c=0x302018:s=130x130:r=${BENCH_FPS}[thing]`,
    `[ground][thing]overlay=x='80+t*120':y=250:enable='lt(t\\,5)':shortest=0,noise=alls=7:allf=t`,
  ].join(';'),
  seconds: EVENT_PERIOD_S,
  bitrate: '2M',
}

export const FILMS = { quiet: QUIET, moving: MOVING, eventful: EVENTFUL } as const

/** Draws and encodes a film of `seconds` into `folder`: some seconds of work. Returns its path. */
export async function makeBenchFilm(
  name: keyof typeof FILMS,
  options: { folder: string; seconds: number; signal: AbortSignal },
): Promise<string> {
  const { folder, signal } = options
  const { graph, seconds, bitrate } = FILMS[name]
  const piece = join(folder, `${name}-piece.mp4`)
  const path = join(folder, `${name}.mp4`)
  const keys = `keyint=${GOP}:min-keyint=${GOP}:scenecut=0:bframes=0`
  await ffmpeg(
    [
      ...['-f', 'lavfi', '-i', graph, '-t', String(seconds), '-an'],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-x264-params', keys, '-pix_fmt', 'yuv420p'],
      ...['-b:v', bitrate, '-maxrate', bitrate, '-bufsize', bitrate, piece],
    ],
    signal,
  )
  const again = Math.max(0, Math.ceil(options.seconds / seconds) - 1)
  await ffmpeg(['-stream_loop', String(again), '-i', piece, '-c', 'copy', path], signal)
  await rm(piece)
  return path
}

async function ffmpeg(args: readonly string[], signal: AbortSignal): Promise<void> {
  const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y']
  const child = spawn(findMediaTool('ffmpeg', process.env), [...quiet, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-1_000)
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new SharpEyesError('internal', `the film of the bench was not made: ${said.trim()}`)
}
