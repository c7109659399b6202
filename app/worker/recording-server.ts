import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import type { Recordings } from '../../adapters/recordings/remote.ts'
import { readRecordingPath } from '../../adapters/recordings/wire.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import { idSchema } from '../../core/config/shared.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import { encodePart } from '../../core/recording-wire.ts'
import { checkSecret, pathOf, sendProblem } from './live-server.ts'

/** Beside a camera's configuration nothing is sent here. */
const MAX_BODY_BYTES = 256 << 10

const span = z.object({ from: z.coerce.number().int(), to: z.coerce.number().int() })
const part = z.object({ at: z.coerce.number().int(), ms: z.coerce.number().int().min(1).max(60_000) })
const shown = z.object({ at: z.coerce.number().int(), width: z.coerce.number().int().min(16).max(4_096) })
/** What masking goes by. The rest is parsed already, and is not looked at here. */
const masked = z.looseObject({
  id: idSchema,
  masking: z.union([z.enum(['heads', 'frame']), z.object({ none: z.string() })]),
  privacy: z.array(z.array(z.tuple([z.number(), z.number()]))),
})
const pin = z.object({
  pin: z.string().min(1).max(128),
  from: z.coerce.number().int(),
  to: z.coerce.number().int().optional(),
})

/**
 * What a worker's disk has, shown to the pages' server and to nobody else (see adapters/recordings/wire.ts). Whether a
 * camera may be seen plain is decided there, by the same configuration; a picture is masked here as the call says.
 */
export function answerRecordings(deps: {
  readonly recordings: Recordings
  readonly secret: string
  readonly log: Log
}): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { recordings, log } = deps
  const isOurs = checkSecret(deps.secret)

  const answer = async (
    request: IncomingMessage,
    response: ServerResponse,
    asked: { readonly camera: string; readonly what: string },
  ): Promise<void> => {
    if (!isOurs(request.headers.authorization))
      throw new SharpEyesError(
        'not_logged_in',
        'this worker shows its recordings to the pages of its city only',
      )
    const camera = read(idSchema, asked.camera)
    const query = Object.fromEntries(new URL(request.url ?? '/', 'http://worker').searchParams)
    const expected = asked.what === 'ranges' || asked.what === 'part' ? 'GET' : 'POST'
    if (request.method !== expected)
      throw new SharpEyesError('bad_request', `only ${expected} is answered here`)
    if (asked.what === 'ranges') {
      const { from, to } = read(span, query)
      return send(response, 'application/json', JSON.stringify(await recordings.ranges(camera, from, to)))
    }
    if (asked.what === 'part') {
      const { at, ms } = read(part, query)
      const found = await recordings.read(camera, at, ms)
      if (found) return send(response, 'application/octet-stream', encodePart(found))
    } else if (asked.what === 'picture') {
      const { at, width } = read(shown, query)
      const picture = await recordings.picture(
        read(masked, await jsonOf(request)) as unknown as CameraConfig,
        at,
        width,
      )
      if (picture) {
        response.setHeader('x-captured-at', String(picture.capturedAt))
        return send(response, 'image/jpeg', picture.jpeg)
      }
    } else {
      const { pin: id, from, to } = read(pin, query)
      await recordings.pin(id, camera, from, to)
    }
    response.writeHead(204).end()
  }

  return (request, response) => {
    const asked = readRecordingPath(pathOf(request))
    if (!asked) return false
    answer(request, response, asked).catch((thrown: unknown) => {
      const error = toSharpEyesError(thrown)
      if (error.status === 500)
        log.warn({ camera: asked.camera, error: error.message }, 'a recording was not given')
      if (response.headersSent) response.destroy()
      else sendProblem(response, error)
    })
    return true
  }
}

function read<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new SharpEyesError('bad_request', z.prettifyError(result.error))
}

function send(response: ServerResponse, type: string, body: string | Uint8Array): void {
  response.writeHead(200, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  })
  response.end(body)
}

export async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) throw new SharpEyesError('too_large', 'the body is longer than a camera is')
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new SharpEyesError('bad_request', 'the body is no JSON')
  }
}
