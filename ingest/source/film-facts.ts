import { z } from 'zod'
import { SharpEyesError } from '../../core/errors.ts'
import type { MediaTools } from '../../core/ports/media.ts'
import { FILM_INPUT } from './film-formats.ts'
import type { SourceCamera } from './source.ts'

export interface FilmFacts {
  /** As ffmpeg calls it, for example `h264`, `hevc`, `mpeg4`. */
  readonly codec: string
  readonly width: number
  readonly height: number
}

export interface ProbeFilmDeps {
  readonly camera: SourceCamera
  readonly mediaTools: MediaTools
  readonly path: string
  readonly fd: number
  readonly signal: AbortSignal
}

const answerSchema = z.object({
  streams: z.array(z.object({ codec_name: z.string(), width: z.int(), height: z.int() })).default([]),
})

const MAX_ANSWER = 1 << 20
/** A header is read within milliseconds; a damaged index of a large file on a slow disk may take seconds. */
const DEADLINE_MS = 30_000

/** Codec and size of a film's first video track. Throws `source_invalid` with ffprobe's reason when it is no video. */
export async function probeFilm(deps: ProbeFilmDeps): Promise<FilmFacts> {
  const { camera, path, mediaTools, fd } = deps
  const signal = AbortSignal.any([deps.signal, AbortSignal.timeout(DEADLINE_MS)])
  signal.throwIfAborted()
  const show = ['-select_streams', 'V:0', '-show_entries', 'stream=codec_name,width,height', '-of', 'json']
  const args = ['-hide_banner', '-loglevel', 'error', ...FILM_INPUT, ...show, '-i', '/proc/self/fd/3']
  const child = mediaTools.spawn('ffprobe', args, { fds: [fd] })
  const stop = () => void child.stop()
  signal.addEventListener('abort', stop, { once: true })
  let answer = ''
  child.stdout.on('data', (chunk: Buffer) => {
    if (answer.length < MAX_ANSWER) answer += chunk.toString()
  })
  const { code } = await child.exited
  signal.removeEventListener('abort', stop)
  deps.signal.throwIfAborted()

  const [stream] = code === 0 ? streamsOf(answer) : []
  if (stream && stream.width > 0 && stream.height > 0) {
    return { codec: stream.codec_name, width: stream.width, height: stream.height }
  }
  const reason = signal.aborted ? 'it could not be read in time' : reasonOf(child.lastLines())
  throw new SharpEyesError(
    'source_invalid',
    `camera ${camera.id}: ${path} is no video that can be read (${reason}); give a film such as MP4, MKV, AVI or TS, whole and not being written`,
  )
}

function streamsOf(answer: string) {
  try {
    return answerSchema.parse(JSON.parse(answer)).streams
  } catch {
    return [] // an answer without a video track: told as "no video track" below
  }
}

/** ffmpeg's most telling line: `[mov @ 0x55…] moov atom not found` says more than its last, "Invalid data found". */
function reasonOf(lines: readonly string[]): string {
  const told = lines.filter((text) => !text.includes('seekback') && !text.includes('Last message repeated'))
  const line = told.findLast((text) => text.startsWith('[')) ?? told.at(-1) ?? 'no video track'
  return line.replace(/^\[[^\]]*\] |^\S*(?:fd\/|pipe:)\d+: /, '').trim()
}
