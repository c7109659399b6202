import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { SharpEyesError } from '../../core/errors.ts'
import type { Masker } from '../../core/ports/evidence.ts'
import type { MediaProcess, MediaTools } from '../../core/ports/media.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { applyMask } from './apply.ts'
import { blankPolygons, type Picture } from './pixelate.ts'
import { type MaskPlan, type PersonFinder, planMask } from './plan.ts'

type ClipRequest = Parameters<Masker['clip']>[0]

/** Masked clips are for judging the hazard: smaller and fewer pictures than the sealed original keep one encode short. */
const MAX_WIDTH = 960
const FPS = 12
/** Heads are looked for in every third picture; each is masked with the boxes found before and after it. */
const FIND_EVERY = 3

/**
 * Writes a masked H.264 MP4 of `source` to `target`. Where nothing has to be masked an H.264 source is copied as it
 * is. Throws `source_invalid` with ffmpeg's words when the source cannot be decoded.
 */
export async function maskClip(
  request: ClipRequest,
  { finder, mediaTools, log }: { finder: PersonFinder | null; mediaTools: MediaTools; log: Log },
): Promise<{ method: string }> {
  const facts = await describe(request.source, mediaTools)
  const plain = typeof request.camera.masking === 'object' && request.camera.privacy.length === 0
  if (plain && facts.codec === 'h264') {
    await runToFile(request, mediaTools, (input) => [...input, '-an', '-c', 'copy', ...MP4])
    return { method: 'none@1:copy' }
  }
  const width = Math.min(MAX_WIDTH, facts.width) & ~1
  const height = Math.round((facts.height * width) / facts.width) & ~1
  return reencode(request, { width, height }, { finder, mediaTools, log })
}

const MP4 = ['-f', 'mp4', '-movflags', 'frag_keyframe+empty_moov+default_base_moof', 'pipe:1'] as const
const QUIET = ['-nostdin', '-loglevel', 'error', '-y'] as const

async function describe(
  source: string,
  mediaTools: MediaTools,
): Promise<{ codec: string; width: number; height: number }> {
  const file = await open(source, 'r')
  try {
    const args = [
      '-v',
      'error',
      '-select_streams',
      'v:0',
      '-show_entries',
      'stream=codec_name,width,height',
      '-of',
      'json',
      '-i',
      '/proc/self/fd/3',
    ]
    const probe = mediaTools.spawn('ffprobe', args, { fds: [file.fd], stdin: 'ignore' })
    const chunks: Buffer[] = []
    for await (const chunk of probe.stdout) chunks.push(chunk as Buffer)
    const { code } = await probe.exited
    const stream = code === 0 ? JSON.parse(Buffer.concat(chunks).toString()).streams?.[0] : undefined
    if (!stream)
      throw new SharpEyesError(
        'source_invalid',
        `${source}: no video found (${probe.lastLines().join(' | ')})`,
      )
    return { codec: stream.codec_name, width: stream.width, height: stream.height }
  } finally {
    await file.close()
  }
}

async function runToFile(
  request: ClipRequest,
  mediaTools: MediaTools,
  args: (input: readonly string[]) => readonly string[],
): Promise<void> {
  const source = await open(request.source, 'r')
  const target = await open(request.target, 'w')
  try {
    const child = mediaTools.spawn('ffmpeg', [...QUIET, ...args(['-i', '/proc/self/fd/3'])], {
      fds: [source.fd],
      stdin: 'ignore',
    })
    for await (const chunk of child.stdout) await target.writeFile(chunk as Buffer)
    await finished(child, request)
  } finally {
    await source.close()
    await target.close()
  }
}

async function reencode(
  request: ClipRequest,
  size: { width: number; height: number },
  deps: { finder: PersonFinder | null; mediaTools: MediaTools; log: Log },
): Promise<{ method: string }> {
  const { mediaTools } = deps
  const source = await open(request.source, 'r')
  const target = await open(request.target, 'w')
  const { width, height } = size
  const filter = `fps=${FPS},scale=${width}:${height}:flags=area`
  const decoder = mediaTools.spawn(
    'ffmpeg',
    [
      ...QUIET,
      '-threads',
      '1',
      '-i',
      '/proc/self/fd/3',
      '-an',
      '-vf',
      filter,
      '-pix_fmt',
      'rgb24',
      '-f',
      'rawvideo',
      'pipe:1',
    ],
    { fds: [source.fd], stdin: 'ignore' },
  )
  const raw = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-s',
    `${width}x${height}`,
    '-r',
    String(FPS),
    '-i',
    'pipe:0',
  ]
  const h264 = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-crf',
    '26',
    '-threads',
    '1',
    '-pix_fmt',
    'yuv420p',
    '-g',
    String(FPS * 2),
  ]
  const encoder = mediaTools.spawn('ffmpeg', ['-loglevel', 'error', '-y', ...raw, ...h264, ...MP4], {
    stdin: 'pipe',
  })
  try {
    const written = (async () => {
      for await (const chunk of encoder.stdout) await target.writeFile(chunk as Buffer)
    })()
    const method = await maskPictures(request, pictures(decoder, size), encoder, deps)
    await finished(decoder, request)
    await finished(encoder, request)
    await written
    return { method }
  } finally {
    await Promise.all([decoder.stop(500), encoder.stop(500)])
    await source.close()
    await target.close()
  }
}

async function maskPictures(
  request: ClipRequest,
  source: AsyncIterable<Picture>,
  encoder: MediaProcess,
  { finder, log }: { finder: PersonFinder | null; log: Log },
): Promise<string> {
  const input = encoder.stdin
  if (!input) throw new SharpEyesError('internal', 'the encoder has no standard input')
  let broken = false
  input.on('error', () => {
    broken = true // the exit code, read by `finished`, says why
  })
  const emit = async (picture: Picture, plan: MaskPlan) => {
    blankPolygons(picture, request.camera.privacy)
    applyMask(picture, plan, request.hazard.box)
    if (!broken && !input.write(picture.rgb)) await Promise.race([once(input, 'drain'), encoder.exited])
  }
  let method = 'empty'
  let before: MaskPlan | null = null
  let waiting: Picture[] = []
  let index = 0
  for await (const picture of source) {
    request.signal.throwIfAborted()
    if (index++ % FIND_EVERY !== 0) {
      waiting.push(picture)
      continue
    }
    const here: MaskPlan = await planMask(picture, request.camera, finder, log)
    method = here.method
    const between: MaskPlan = before ? union(before, here) : here
    for (const held of waiting) await emit(held, between)
    waiting = []
    await emit(picture, here)
    before = here
  }
  for (const held of waiting) await emit(held, before ?? { kind: 'frame', method })
  input.end()
  return method
}

/** Pictures between two looks carry the boxes of both; if either look says "the whole frame", so do they. */
function union(a: MaskPlan, b: MaskPlan): MaskPlan {
  if (a.kind === 'heads' && b.kind === 'heads') return { ...b, heads: [...a.heads, ...b.heads] }
  return a.kind === 'frame' ? a : b
}

async function* pictures(
  decoder: MediaProcess,
  { width, height }: { width: number; height: number },
): AsyncGenerator<Picture> {
  const size = width * height * 3
  let rgb = new Uint8Array(size)
  let filled = 0
  for await (const chunk of decoder.stdout as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + size - filled)
      rgb.set(part, filled)
      filled += part.length
      at += part.length
      if (filled < size) continue
      yield { width, height, rgb }
      rgb = new Uint8Array(size)
      filled = 0
    }
  }
}

async function finished(child: MediaProcess, request: ClipRequest): Promise<void> {
  const { code, signal } = await child.exited
  if (code !== 0) {
    throw new SharpEyesError(
      'source_invalid',
      `the clip of camera ${request.camera.id} could not be masked: ffmpeg ended with ${code ?? signal} (${child.lastLines().join(' | ')})`,
    )
  }
}
