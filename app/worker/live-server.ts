import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { endedText, fragmentMessage, initMessage, mimeText } from '../../adapters/live/wire.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { LiveFormat, LiveSeat, LiveSource, LiveViewer } from '../../core/live.ts'
import { foundText, readAsked } from '../../core/live-boxes.ts'
import { createLiveGate } from '../../core/live-gate.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'

export interface LiveView {
  /** Answers `GET /still/{camera}.jpg`; false: the request is about something else. */
  answer(request: IncomingMessage, response: ServerResponse): boolean
  close(): Promise<void>
}

/** Each page server has one line a camera; more come from nobody that we know. */
const MAX_LINES = 2_000
/** Each decodes and masks a full picture. */
const MAX_STILLS = 4
const PING_MS = 15_000
const CAMERA = /^\/(live|still)\/([^/]{1,190}?)(\.jpg)?$/

/**
 * What a worker shows to the pages' server, and to nobody else: every request carries the secret. `GET /live/{camera}`
 * (WebSocket, see adapters/live/wire.ts) and `GET /still/{camera}.jpg` (masked, its time in X-Captured-At). A camera with
 * privacy polygons has no plain live view here either.
 */
export function attachLive(
  server: Server,
  deps: {
    readonly live: LiveSource
    /** Configuration of a camera that is held here; null: it is not. */
    readonly camera: (id: string) => CameraConfig | null
    readonly secret: string
    readonly clock: Clock
    readonly log: Log
    readonly metrics: Metrics
  },
): LiveView {
  const { live, log, metrics, clock } = deps
  const isOurs = checkSecret(deps.secret)
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1_024, perMessageDeflate: false })
  const lines = new Set<WebSocket>()
  const stills = new Map<string, ReturnType<LiveSource['still']>>()

  const authorize = (request: IncomingMessage): void => {
    if (isOurs(request.headers.authorization)) return
    throw new SharpEyesError('not_logged_in', 'this worker shows its cameras to the pages of its city only')
  }
  const held = (id: string): CameraConfig => {
    const camera = deps.camera(id)
    if (camera) return camera
    throw new SharpEyesError('not_found', `camera ${id} is not held here`)
  }

  const still = (camera: string): ReturnType<LiveSource['still']> => {
    const running = stills.get(camera)
    if (running !== undefined) return running
    if (stills.size >= MAX_STILLS) {
      metrics.count('live_stills_refused_total')
      throw new SharpEyesError('too_many_requests', `${MAX_STILLS} pictures are being made already`)
    }
    const made = live.still(camera).finally(() => stills.delete(camera))
    stills.set(camera, made)
    return made
  }

  const sendStill = async (request: IncomingMessage, response: ServerResponse, id: string): Promise<void> => {
    authorize(request)
    if (request.method !== 'GET') throw new SharpEyesError('bad_request', 'only GET is answered here')
    const picture = await still(held(id).id)
    if (!picture) throw new SharpEyesError('not_ready', `there is no picture of camera ${id} now`)
    response.writeHead(200, {
      'content-type': 'image/jpeg',
      'cache-control': 'no-store',
      'x-captured-at': String(picture.capturedAt),
    })
    response.end(picture.jpeg)
  }

  const admit = (request: IncomingMessage): { camera: CameraConfig; format: LiveFormat } => {
    authorize(request)
    const asked = readCamera(pathOf(request))
    if (asked?.what !== 'live') throw new SharpEyesError('not_found', 'there is nothing under this path')
    const camera = held(asked.camera)
    if (camera.privacy.length > 0) {
      throw new SharpEyesError(
        'forbidden',
        `camera ${camera.id} has privacy masks: it is shown as masked stills`,
      )
    }
    if (lines.size >= MAX_LINES) throw new SharpEyesError('too_many_requests', `${MAX_LINES} lines are open`)
    return { camera, format: formatOf(request) }
  }

  const view = async (line: WebSocket, camera: string, format: LiveFormat): Promise<void> => {
    lines.add(line)
    metrics.gauge('live_lines', {}, lines.size)
    const over = new AbortController()
    line.on('error', (error) => log.debug({ camera, error: error.message }, 'a live line broke off'))
    line.on('close', () => {
      lines.delete(line)
      metrics.gauge('live_lines', {}, lines.size)
      over.abort()
    })
    keepAlive(line, clock, over.signal)
    const gate = createLiveGate({
      bufferedAmount: () => line.bufferedAmount,
      now: () => clock.now(),
      dropped: (count) => metrics.count('live_fragments_dropped_total', {}, count),
      tooSlow() {
        metrics.count('live_viewers_cut_total', { reason: 'slow' })
        line.terminate()
      },
    })
    const viewer: LiveViewer = {
      init(bytes, mime) {
        if (!gate.begin()) return
        line.send(mimeText(mime))
        line.send(initMessage(bytes))
      },
      fragment(bytes, facts) {
        if (gate.passes(facts.key)) line.send(fragmentMessage(bytes, facts))
      },
      boxes(found) {
        if (found === null || gate.passesBoxes()) line.send(foundText(found))
        else metrics.count('live_boxes_dropped_total')
      },
      ended(reason, code) {
        // The camera may be let go with it, and its next line is another worker's.
        line.send(endedText(reason, code))
        line.close(1000)
      },
    }
    let seat: LiveSeat | null = null
    let wanted = false
    line.on('message', (data: Buffer, binary) => {
      const asked = binary ? null : readAsked(data.toString('utf8'))
      if (asked === null) return
      wanted = asked
      seat?.wantBoxes(asked)
    })
    const opened = await live.open(camera, viewer, format)
    if (!opened) return line.close(1000, 'the camera is not held here')
    seat = opened
    if (wanted) opened.wantBoxes(true)
    const leave = () => opened[Symbol.dispose]()
    if (over.signal.aborted) leave()
    else over.signal.addEventListener('abort', leave, { once: true })
  }

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', (error) => log.debug({ error: error.message }, 'a handshake broke off'))
    try {
      const { camera, format } = admit(request)
      sockets.handleUpgrade(request, socket, head, (line) => {
        view(line, camera.id, format).catch((error: unknown) => {
          log.error({ camera: camera.id, error: toSharpEyesError(error).message }, 'a live line failed')
          line.terminate()
        })
      })
    } catch (thrown) {
      refuse(socket, toSharpEyesError(thrown))
    }
  }
  server.on('upgrade', onUpgrade)
  return {
    answer(request, response) {
      const asked = readCamera(pathOf(request))
      if (asked?.what !== 'still') return false
      sendStill(request, response, asked.camera).catch((thrown: unknown) => {
        const error = toSharpEyesError(thrown)
        if (error.status === 500) log.warn({ camera: asked.camera, error: error.message }, 'a still failed')
        if (response.headersSent) response.destroy()
        else sendProblem(response, error)
      })
      return true
    },
    async close() {
      server.off('upgrade', onUpgrade)
      for (const line of lines) line.terminate()
      await new Promise<void>((resolve) => sockets.close(() => resolve()))
    },
  }
}

/** Compares hashes, so that neither the time taken nor the length tells anything of the secret. */
export function checkSecret(secret: string): (authorization: string | undefined) => boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  const expected = hash(`Bearer ${secret}`)
  return (authorization) => authorization !== undefined && timingSafeEqual(hash(authorization), expected)
}

export const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] ?? ''

const formatOf = ({ url = '/' }: IncomingMessage): LiveFormat =>
  new URLSearchParams(url.split('?', 2)[1] ?? '').get('as') === 'mpeg1' ? 'mpeg1' : 'source'

function readCamera(path: string): { readonly what: 'live' | 'still'; readonly camera: string } | null {
  const match = CAMERA.exec(path)
  const [, what, name, ending] = match ?? []
  if ((what !== 'live' && what !== 'still') || name === undefined) return null
  // The id of a camera may itself end in .jpg; a still's path always does.
  if (what === 'still' && ending === undefined) return null
  try {
    return { what, camera: decodeURIComponent(what === 'live' ? name + (ending ?? '') : name) }
  } catch {
    return null
  }
}

export function sendProblem(
  response: ServerResponse,
  { status, code, message, details }: SharpEyesError,
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  const { retryAfterSeconds } = details
  response.end(JSON.stringify({ code, detail: message, retryAfterSeconds }))
}

/** A line whose far end has vanished says nothing: who does not answer a ping by the next one is cut. */
function keepAlive(line: WebSocket, clock: Clock, signal: AbortSignal): void {
  let answered = true
  line.on('pong', () => {
    answered = true
  })
  const run = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(PING_MS, signal)
      if (!answered) return line.terminate()
      answered = false
      line.ping()
    }
  }
  run().catch(() => undefined) // ends by abort only
}

function refuse(socket: Duplex, { status, code, message }: SharpEyesError): void {
  const body = JSON.stringify({ code, detail: message })
  socket.end(
    [
      `HTTP/1.1 ${status} Refused`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  )
}
