import { type FileHandle, open } from 'node:fs/promises'
import { SharpEyesError } from '../../core/errors.ts'
import { type FilmFacts, probeFilm } from './film-facts.ts'
import { FILM_INPUT } from './film-formats.ts'
import { COPY, FRAGMENTED_OUTPUT, QUIET, toH264, VIDEO_ONLY } from './output.ts'
import type { OpenOptions, Pull, SourceDeps } from './source.ts'

/** What fragments carry and a decoder takes as it is. */
const COPIED = new Set(['h264', 'hevc'])

/**
 * One pass of a file at its own pace. We open it and hand over the descriptor: the child may open nothing else, whatever
 * a hostile file asks for. Throws `source_invalid` when it is no video.
 */
export async function openFilm(deps: SourceDeps, path: string, options: OpenOptions): Promise<Pull> {
  const facts = await withFile(deps, path, (file) => probeFilm({ ...deps, path, fd: file.fd, ...options }))
  const file = await openFile(deps, path)
  return {
    name: path,
    args: [
      ...QUIET,
      ...FILM_INPUT,
      ...['-threads', '1', '-re', '-i', '/proc/self/fd/3'],
      ...VIDEO_ONLY,
      ...codecArgs(deps, path, facts),
      ...FRAGMENTED_OUTPUT,
    ],
    fds: [file.fd],
    secrets: [],
    encodedFrom: COPIED.has(facts.codec) ? null : facts.codec,
    release: () => file.close(),
  }
}

function codecArgs(deps: SourceDeps, path: string, { codec, width, height }: FilmFacts): readonly string[] {
  if (COPIED.has(codec)) return COPY
  deps.log.info(
    { camera: deps.camera.id, path, codec, width, height },
    'the film is neither H.264 nor H.265: it is encoded as H.264 while it plays, which costs a full decode and encode',
  )
  return toH264()
}

async function openFile({ camera }: SourceDeps, path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new SharpEyesError(
      'source_invalid',
      `camera ${camera.id}: ${path} cannot be read (${reason}); check that it exists and that its permissions let Sharp Eyes read it`,
      { cause },
    )
  }
}

/** ffmpeg and ffprobe each get a descriptor of their own: two that share one would share its position. */
async function withFile<T>(
  deps: SourceDeps,
  path: string,
  use: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await openFile(deps, path)
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}
