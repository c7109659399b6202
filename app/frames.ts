import { resolve } from 'node:path'
import { SharpEyesError } from '../core/errors.ts'
import type { Frame } from '../core/frame.ts'
import { createDecoder } from '../ingest/decode/decoder.ts'
import { decodeFile } from '../ingest/decode/file.ts'
import { startCamera } from '../ingest/supervise/start-camera.ts'
import type { Tools } from './tools.ts'

export interface FrameOptions {
  /** Pictures a second; absent: every picture of a file, 5 a second of a stream. */
  readonly fps?: number
  /** Width of the pictures; absent: as they are. */
  readonly width?: number
  readonly credentialsFile?: string
}

const isStream = (source: string): boolean => /^(rtsps?|https?):\/\//i.test(source)

/** The pictures of an image, a clip (unpaced, none dropped) or a stream (the newest; older ones are dropped). */
export function openFrames(source: string, options: FrameOptions, tools: Tools): AsyncIterable<Frame> {
  if (isStream(source)) return streamFrames(source, options, tools)
  const { fps, width } = options
  return decodeFile({
    path: resolve(source),
    mediaTools: tools.mediaTools(),
    signal: tools.signal,
    ...(fps === undefined ? {} : { fps }),
    ...(width === undefined ? {} : { width }),
  })
}

/** Through the worker's own path: pull, hub, decoder at full attention. Ends with the signal. */
async function* streamFrames(url: string, options: FrameOptions, tools: Tools): AsyncGenerator<Frame> {
  const { clock, log, metrics, signal } = tools
  const { fps = 5, width = 1_920, credentialsFile } = options
  const mediaTools = tools.mediaTools()
  let waiting: Frame | null = null
  let failure: SharpEyesError | null = null
  let wake = Promise.withResolvers<void>()
  const onAbort = () => wake.resolve()
  signal.addEventListener('abort', onAbort)
  const camera = {
    id: 'stream',
    url,
    ...(credentialsFile === undefined ? {} : { credentialsFile: resolve(credentialsFile) }),
  }
  const pull = startCamera({
    camera,
    mediaTools,
    clock,
    log,
    metrics,
    random: Math.random,
    onState: ({ state, problem, code }) => {
      // A command that never saw a picture ends with the reason; a stream that was seen once is waited for.
      if (state === 'offline' && problem) failure = new SharpEyesError(code ?? 'camera_unreachable', problem)
      wake.resolve()
    },
  })
  const decoder = createDecoder({
    camera: camera.id,
    hub: pull.hub,
    mediaTools,
    clock,
    log,
    metrics,
    width,
    onFrame: (frame) => {
      waiting = frame
      wake.resolve()
    },
    onProblem: (problem) => {
      if (problem) log.warn({ error: problem.message }, 'decoding has trouble')
    },
  })
  decoder.setAttention({ level: 'full', fps, reason: 'a command looks' })
  let seen = false
  try {
    while (!signal.aborted) {
      await wake.promise
      wake = Promise.withResolvers<void>()
      const frame: Frame | null = waiting
      waiting = null
      if (frame) {
        seen = true
        yield frame
      } else if (failure && !seen) throw failure
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    await decoder.stop()
    await pull.stop()
  }
}
