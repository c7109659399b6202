import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Request, Response } from 'express'
import { type WebSocket, WebSocketServer } from 'ws'
import type { CameraConfig } from '../../core/config/city.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { LiveFormat, LiveSource, LiveViewer } from '../../core/live.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { CameraStatus } from '../../core/ports/control.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import { hasAny, type PersonActor } from '../auth/people.ts'
import type { Login, Sessions } from '../auth/session.ts'
import type { SessionWatch } from '../auth/watch.ts'
import { type CameraReader, hasPlainLive } from '../cameras/read.ts'
import { problemNumber, toHttpError, toProblem } from '../http/problems.ts'
import { isSameOrigin } from '../http/security.ts'
import { refuseBrokenText } from '../http/text.ts'
import type { Looks } from '../looks.ts'
import { LIVE_VIEWERS } from '../routes.ts'
import { listenForWish } from './box-wish.ts'
import { noted } from './noted.ts'
import { createOutbox } from './outbox.ts'

const PATH = /^\/api\/cameras\/([^/]{1,190})\/live$/
/** A wall of nine on two screens. Every viewer costs the city's network a stream. */
const MAX_PER_PERSON = 20
const PING_MS = 30_000

/** Close codes; 4000–4999 are the application's. */
const CLOSE = {
  slow: 1013,
  away: 1001,
  sessionEnded: 4401,
  masked: 4403,
  notHeld: 4404,
  noRoom: 4409,
} as const

export interface LiveSockets {
  attach(server: Server): void
  close(): Promise<void>
}

interface Viewer {
  readonly actor: PersonActor
  readonly camera: CameraConfig
  readonly sid: string
  readonly login: Login
  readonly purpose: string
  readonly format: LiveFormat
}

/** Live video over WebSocket: `/api/cameras/{id}/live?purpose=&as=mpeg1`. The hub's own bytes, or MPEG-1 for `as`; boxes after `{"boxes": true}`. */
export function createLiveSockets(deps: {
  database: Database
  sessions: Sessions
  watch: SessionWatch
  cameras: CameraReader
  live: LiveSource
  looks: Looks
  publicUrl: string | undefined
  clock: Clock
  log: Log
  metrics: Metrics
}): LiveSockets {
  const { log, metrics, clock } = deps
  // All that browsers have to say is whether they want boxes.
  const server = new WebSocketServer({ noServer: true, maxPayload: 1_024, perMessageDeflate: false })
  const open = new Map<WebSocket, string>()
  const attached: { server: Server; onUpgrade: (q: IncomingMessage, s: Duplex, h: Buffer) => void }[] = []

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const onError = (error: Error) => log.debug({ error: error.message }, 'a handshake broke off')
    socket.on('error', onError)
    admit(request, deps, (name) => [...open.values()].filter((other) => other === name).length)
      .then((viewer) => {
        socket.off('error', onError)
        server.handleUpgrade(request, socket, head, (line) => view(line, viewer))
      })
      .catch((thrown: unknown) => refuse(socket, thrown, log))
  }

  const view = (line: WebSocket, viewer: Viewer): void => {
    open.set(line, viewer.actor.name)
    metrics.gauge('live_viewers', {}, open.size)
    const stop = new AbortController()
    line.on('error', (error) => log.debug({ error: error.message }, 'a live viewer broke off'))
    line.on('close', () => {
      open.delete(line)
      metrics.gauge('live_viewers', {}, open.size)
      stop.abort()
    })
    play(line, viewer, stop.signal, deps).catch((error: unknown) => {
      log.error(
        { camera: viewer.camera.id, error: error instanceof Error ? error.message : String(error) },
        'live view failed',
      )
      line.close(1011, 'the server failed')
    })
    keepAlive(line, clock, stop.signal)
  }

  return {
    attach(httpServer) {
      httpServer.on('upgrade', onUpgrade)
      attached.push({ server: httpServer, onUpgrade })
    },
    async close() {
      for (const { server: httpServer, onUpgrade: listener } of attached) httpServer.off('upgrade', listener)
      for (const line of open.keys()) {
        line.close(CLOSE.away, 'the server stops')
        // A browser that does not answer the close frame must not hold the server.
        setTimeout(() => line.terminate(), 1_000).unref()
      }
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

type AdmitDeps = Parameters<typeof createLiveSockets>[0]

/** Session, origin, role, camera: in this order, as everywhere. */
async function admit(
  request: IncomingMessage,
  { sessions, cameras, publicUrl }: AdmitDeps,
  openOf: (name: string) => number,
): Promise<Viewer> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const match = PATH.exec(url.pathname)
  if (!match) throw new SharpEyesError('not_found', 'there is no WebSocket under this address')
  if (!isSameOrigin(request, publicUrl)) {
    throw new SharpEyesError('forbidden', `live video for pages of ${request.headers.origin} is refused`)
  }
  const incoming = request as Request
  await new Promise<void>((resolve, reject) => {
    // The session library wants a response to hang its cookie on; none is sent.
    const response = new ServerResponse(request) as Response
    sessions.middleware(incoming, response, (error?: unknown) => (error ? reject(error as Error) : resolve()))
  })
  const { actor, mustChange } = await sessions.person(incoming)
  const { login } = incoming.session
  if (!login) throw new SharpEyesError('not_logged_in', 'log in first')
  if (mustChange) throw new SharpEyesError('password_change_required', 'choose a password of your own first')
  if (!hasAny(actor, LIVE_VIEWERS)) {
    throw new SharpEyesError('forbidden', `live video needs the role ${LIVE_VIEWERS.join(' or ')}`)
  }
  const camera = await cameras.find(decode(match[1] ?? ''), actor, LIVE_VIEWERS)
  if (openOf(actor.name) >= MAX_PER_PERSON) {
    throw new SharpEyesError(
      'too_many_requests',
      `${actor.name} has ${MAX_PER_PERSON} live views open; close one`,
    )
  }
  const asked = (url.searchParams.get('purpose') ?? '').trim().slice(0, 500)
  refuseBrokenText(asked, 'purpose')
  const purpose = asked || camera.purpose
  const format = url.searchParams.get('as') === 'mpeg1' ? 'mpeg1' : 'source'
  return { actor, camera, sid: incoming.sessionID, login, purpose, format }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new SharpEyesError('not_found', 'there is no such camera')
  }
}

async function play(
  line: WebSocket,
  viewer: Viewer,
  signal: AbortSignal,
  { database, live, looks, watch, clock, log, metrics }: AdmitDeps,
): Promise<void> {
  const { camera, actor, sid, login } = viewer
  // At once: a browser says it as soon as the line stands, and what nobody listens to is lost.
  const wish = listenForWish(line, clock)
  if (!hasPlainLive(camera)) {
    const reason = 'this camera has privacy masks: it is shown as masked stills (live.jpg)'
    line.send(JSON.stringify({ ended: reason }))
    return line.close(CLOSE.masked, reason)
  }
  const size = await sizeOf(database, camera.id)
  const note = () =>
    looks.write({
      who: actor.name,
      what: 'live',
      object: `camera:${camera.id}`,
      camera: camera.id,
      purpose: viewer.purpose,
      caseNo: null,
    })
  // There may be no room for a slow stream, and a browser asks again until there is.
  const slow = viewer.format === 'mpeg1'
  if (!slow) await note()
  if (signal.aborted) return // gone while the row was written
  const end = (reason: string, code: number) => {
    line.send(JSON.stringify({ ended: reason }))
    line.close(code, reason.slice(0, 100))
  }
  const outbox = createOutbox({
    send: (data) => line.send(data),
    bufferedAmount: () => line.bufferedAmount,
    now: () => clock.now(),
    dropped: (count) => metrics.count('live_fragments_dropped_total', {}, count),
    boxesDropped: () => metrics.count('live_boxes_dropped_total'),
    tooSlow() {
      metrics.count('live_viewers_cut_total', { reason: 'slow' })
      line.close(CLOSE.slow, 'the connection is too slow for live video')
      // What is buffered would keep a dead line for minutes.
      setTimeout(() => line.terminate(), 2_000).unref()
    },
  })
  const watched = watch.add({ sid, login, actor, onEnd: (reason) => end(reason, CLOSE.sessionEnded) })
  signal.addEventListener('abort', () => watched[Symbol.dispose](), { once: true })
  const shown: LiveViewer = {
    init: (bytes, mime) => outbox.init(bytes, { mime, ...size }),
    fragment: (bytes, facts) => outbox.fragment(bytes, facts),
    boxes: (found) => outbox.boxes(found),
    ended: (reason, code) => end(reason, code === 'too_many_requests' ? CLOSE.noRoom : 1000),
  }
  const failed = (error: unknown) => {
    log.error({ camera: camera.id, error: String(error) }, 'a look was not written down: nothing is shown')
    line.close(1011, 'the server failed')
  }
  const opened = await live.open(camera.id, slow ? noted(shown, note, failed) : shown, viewer.format)
  if (!opened) return end('no worker holds this camera now; try again in a few seconds', CLOSE.notHeld)
  const leave = () => opened[Symbol.dispose]()
  wish.follow((wanted) => opened.wantBoxes(wanted))
  if (signal.aborted) leave()
  else signal.addEventListener('abort', leave, { once: true })
}

/** The picture's size as the worker last told it; absent until then. */
async function sizeOf(
  database: Database,
  camera: string,
): Promise<{ width: number; height: number } | object> {
  const { rows } = await database.query<{ status: CameraStatus }>(
    'select status from camera_status where camera = $1',
    [camera],
  )
  const { width, height } = rows[0]?.status ?? { width: null, height: null }
  return width === null || height === null ? {} : { width, height }
}

/** A line whose browser has vanished says nothing: who does not answer a ping by the next one is cut. */
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

/** A refusal before the upgrade is an ordinary HTTP answer. */
function refuse(socket: Duplex, thrown: unknown, log: Log): void {
  const error = toHttpError(thrown)
  const instance = error.status >= 500 ? problemNumber() : undefined
  if (instance !== undefined) {
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
    log.error({ instance, code: error.code, error: text }, 'a handshake failed')
  }
  const problem = toProblem(error, instance)
  const body = JSON.stringify(problem)
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${problem.title}`,
      'Connection: close',
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  )
}
