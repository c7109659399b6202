import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createHttpEvidenceSink } from '../../adapters/control/evidence.ts'
import { createHttpControlPlane } from '../../adapters/control/http.ts'
import { createControlLink } from '../../adapters/control/link.ts'
import { createHttpPictureWork } from '../../adapters/control/pictures.ts'
import { makeWorkerToken } from '../../adapters/control/token.ts'
import { createHttpEventTransport } from '../../adapters/control/transport.ts'
import { createDirectTransport } from '../../adapters/transport/direct.ts'
import { createInbox } from '../../alerts/inbox/inbox.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { EventTransport } from '../../core/ports/messages.ts'
import type { Metrics } from '../../core/ports/telemetry.ts'
import type { InboundMessage } from '../../core/topics.ts'
import { eventTransportContract, readingsReceiver } from '../contract/event-transport.ts'
import { evidenceSinkContract } from '../contract/evidence-store.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { recordingLog, recordingMetrics, silentLog } from '../support/log.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { startWorkerServer } from './control-server.ts'

const FACTS = { name: 'x', version: '0.1.0', model: null, endpoint: null }

eventTransportContract(
  'HTTP to the inbox',
  async () => {
    const database = await createTestDatabase()
    const inbox = createInbox({ database, clock: systemClock, log: silentLog, metrics: recordingMetrics() })
    const direct = createDirectTransport({
      'hazard.events.v1': inbox,
      'sensor.readings.v1': await readingsReceiver(database),
    })
    // The contract's messages are of `worker-1`; the server names the true sender, which has a test of its own.
    const named = (message: InboundMessage) =>
      ({ ...message, data: { ...message.data, worker: 'worker-1' } }) as InboundMessage
    const server = await startWorkerServer({
      database,
      more: { transport: { send: (messages) => direct.send(messages.map(named)) } },
    })
    return {
      transport: createHttpEventTransport(await server.link('hall')),
      database,
      breakDown: async () => {
        await database.query('alter table alerts rename to alerts_away')
      },
      repair: async () => {
        await database.query('alter table alerts_away rename to alerts')
      },
      between: null,
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]()
        await database[Symbol.asyncDispose]()
      },
    }
  },
  { hasLog: false },
)

evidenceSinkContract('HTTP to a disk', async () => {
  const database = await createTestDatabase()
  const server = await startWorkerServer({ database })
  return {
    sink: createHttpEvidenceSink({
      link: await server.link('hall'),
      clock: systemClock,
      log: silentLog,
      metrics: recordingMetrics(),
      signal: new AbortController().signal,
    }),
    read: async (sha256) => {
      const path = await server.evidence.locate(sha256)
      return path === null ? null : readFile(path)
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
})

/** A server that answers whatever a test wants, and keeps what it was asked. */
async function listen(answer: RequestListener) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
/** Where nobody listens. */
async function closedUrl(): Promise<string> {
  await using server = await listen(() => undefined)
  return server.url
}
const TOKEN = makeWorkerToken('hall')
const linkTo = (url: string) => createControlLink({ url, token: TOKEN, instance: 'one', version: '0.1.0' })
const planeTo = (url: string, more: { clock?: Clock; metrics?: Metrics } = {}) => {
  const log = recordingLog()
  const plane = createHttpControlPlane({
    link: linkTo(url),
    clock: systemClock,
    log,
    metrics: recordingMetrics(),
    ...more,
  })
  return { plane, log }
}
const problem =
  (status: number, code: string): RequestListener =>
  (_, response) =>
    void response
      .writeHead(status, { 'content-type': 'application/problem+json' })
      .end(JSON.stringify({ code, status, title: code, type: 'x', detail: `the detail of ${code}` }))

describe('what a worker is told when a call fails', () => {
  test.each([
    ['nobody listens', null, 'transport_unavailable', /does not answer \(ECONNREFUSED\)/],
    [
      'the line breaks',
      (request) => void request.socket.destroy(),
      'transport_unavailable',
      /does not answer/,
    ],
    [
      'a proxy has no server',
      (_, response) => void response.writeHead(502).end('<html>Bad Gateway'),
      'transport_unavailable',
      /502 without saying why/,
    ],
    [
      'an answer that is none',
      (_, response) => void response.writeHead(200).end('{"holding":{}}'),
      'transport_unavailable',
      /cannot be read \(holding/,
    ],
    ['the server is starting', problem(503, 'not_ready'), 'not_ready', /the detail of not_ready/],
    ['the database is away', problem(503, 'database_unavailable'), 'database_unavailable', /the detail/],
    [
      'the token is unknown',
      problem(401, 'not_logged_in'),
      'not_logged_in',
      /refuses this worker: the detail/,
    ],
    ['the version is another', problem(403, 'forbidden'), 'forbidden', /refuses this worker: the detail/],
    [
      'a word of a newer server',
      problem(409, 'no_such_code'),
      'transport_unavailable',
      /409 without saying why/,
    ],
  ] satisfies [string, RequestListener | null, string, RegExp][])('%s', async (_, answer, code, text) => {
    await using server = await listen(answer ?? (() => undefined))
    const url = answer ? server.url : await closedUrl()
    const failure = await planeTo(url)
      .plane.hold(FACTS, 1, [])
      .catch((error: Error) => error)
    expect(failure).toMatchObject({ code, message: expect.stringMatching(text) })
    expect(
      JSON.stringify({ ...(failure as object), text: String(failure), stack: (failure as Error).stack }),
    ).not.toContain(TOKEN.slice(4, 40))
  })

  test('told to ask elsewhere it does not: the token goes to no other address', async () => {
    await using elsewhere = await listen(problem(503, 'database_unavailable'))
    await using server = await listen((_, response) => {
      response.writeHead(307, { location: `${elsewhere.url}/api/worker/hold` }).end()
    })
    const holding = planeTo(server.url).plane.hold(FACTS, 1, [])
    await expect(holding).rejects.toMatchObject({ code: 'transport_unavailable' })
    expect(elsewhere.asked).toEqual([])
  })

  test('a database that hangs is told as away before the worker gives up', async () => {
    await using database = await createTestDatabase()
    const sleep: Clock['sleep'] = (ms, signal) => systemClock.sleep(ms / 50, signal)
    const hanging = () => new Promise<never>(() => undefined)
    await using server = await startWorkerServer({
      database,
      more: {
        clock: { ...systemClock, sleep },
        controlPlane: { hold: hanging, release: hanging, openEvents: hanging },
      },
    })
    const plane = createHttpControlPlane({
      link: await server.link('hall'),
      clock: systemClock,
      log: silentLog,
      metrics: recordingMetrics(),
    })
    const away = { code: 'database_unavailable', message: /within 6 s/ }
    await expect(plane.hold(FACTS, 1, [])).rejects.toMatchObject(away)
    await expect(plane.release('x', 'all')).rejects.toMatchObject(away)
    await expect(plane.openEvents('cam-1')).rejects.toMatchObject(away)
  })

  test('a server that never answers is given up', async () => {
    await using server = await listen(() => undefined)
    const call = linkTo(server.url).call({ method: 'GET', path: '/time', timeoutMs: 300 })
    await expect(call).rejects.toMatchObject({ code: 'transport_unavailable', message: /within 0.3 s/ })
  })

  test.each([
    ['a token that is none', { token: 'secret-of-another-kind' }, /WORKER_TOKEN_FILE/],
    ['an instance that is none', { instance: '三号' }, /三号/],
  ])('%s is said at the start', (_, wrong, text) => {
    const options = { url: 'http://127.0.0.1', token: TOKEN, instance: 'one', version: '0.1.0', ...wrong }
    expect(() => createControlLink(options)).toThrow(text)
    expect(() => createControlLink(options)).not.toThrow(/secret-of/)
  })

  test('a worker knows its name before it asks', () => {
    const token = makeWorkerToken('north-gate_2')
    const link = createControlLink({ url: 'http://127.0.0.1', token, instance: 'gpu:1', version: '0.1.0' })
    expect(link.worker).toBe('north-gate_2/gpu:1')
    expect(token).toMatch(/^sew_[\w-]{43}_north-gate_2$/)
  })
})

test.each([
  [7_000, 1],
  [-7_000, 1],
  [0, 0],
])(
  'a clock that is %i ms ahead is measured at each hold, told to the server, and said once',
  async (ahead, lines) => {
    await using database = await createTestDatabase()
    await using server = await startWorkerServer({ database })
    const gauges: number[] = []
    const log = recordingLog()
    const plane = createHttpControlPlane({
      link: await server.link('hall'),
      clock: { ...systemClock, now: () => systemClock.now() + ahead },
      log,
      metrics: {
        ...recordingMetrics(),
        gauge: (name, _, value) => void (name === 'worker_clock_skew_seconds' && gauges.push(value)),
      },
    })
    expect(plane.skew).toBeNull()
    for (let n = 0; n < 3; n += 1) await plane.hold(FACTS, 0, [])
    const { ms = 0, errorMs = 0 } = plane.skew ?? {}
    expect(Math.abs(ms - ahead)).toBeLessThanOrEqual(errorMs + 1)
    expect(gauges).toHaveLength(3)
    expect(log.lines.filter((line) => line.includes('NTP'))).toHaveLength(lines)
    const { rows } = await database.query<{ clock_skew_ms: number }>('select clock_skew_ms from workers')
    expect(Math.abs((rows[0]?.clock_skew_ms ?? 0) - ahead)).toBeLessThan(3_000)
  },
)

test('messages go in batches of bounded size, in order', async () => {
  const sizes: number[] = []
  const ids: string[] = []
  await using server = await listen((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      sizes.push(body.length)
      ids.push(...(JSON.parse(body) as { messages: { id: string }[] }).messages.map((message) => message.id))
      response.writeHead(204).end()
    })
  })
  const event = hazardEvent()
  const messages = Array.from({ length: 450 }, (_, n) => hazardMessage(event, { kind: 'update', seq: n + 1 }))
  const large = { ...messages[449], padding: 'x'.repeat(1_500_000) } as unknown as InboundMessage
  const transport: EventTransport = createHttpEventTransport(linkTo(server.url))
  await transport.send([...messages.slice(0, 449), large])
  expect(ids).toEqual(messages.map((message) => message.id))
  expect(sizes).toHaveLength(4)
  expect(sizes.slice(0, 3).every((size) => size < 1_100_000)).toBe(true)
})

describe('evidence', () => {
  const open = (url: string, more: { patienceMs?: number; signal?: AbortSignal } = {}) => {
    const metrics = recordingMetrics()
    const sink = createHttpEvidenceSink({
      link: linkTo(url),
      clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal) },
      log: silentLog,
      metrics,
      signal: new AbortController().signal,
      ...more,
    })
    return { sink, metrics }
  }

  test('that is there already is not sent again; bytes that were lost on the way are', async () => {
    let fails = 3
    const there = new Set<string>()
    await using server = await listen((request, response) => {
      const sha256 = request.url?.split('/').at(-1) ?? ''
      if (request.method === 'HEAD') return void response.writeHead(there.has(sha256) ? 200 : 404).end()
      request.resume().on('end', () => {
        if (fails-- > 0) return void request.socket.destroy()
        there.add(sha256)
        response.writeHead(201).end(JSON.stringify({ sha256, bytes: 5 }))
      })
    })
    const { sink, metrics } = open(server.url)
    const stored = await sink.put(Buffer.from('a pic'))
    expect([...there]).toEqual([stored.sha256])
    expect(metrics.counts.get('evidence_upload_retries_total{code=transport_unavailable}')).toBe(3)
    await sink.put(Buffer.from('a pic'))
    expect(server.asked.filter((line) => line.startsWith('PUT'))).toHaveLength(4)
  })

  test('a refusal is not tried again', async () => {
    await using server = await listen((request, response) => {
      if (request.method === 'HEAD') return void response.writeHead(404).end()
      request.resume().on('end', () => problem(422, 'invalid')(request, response))
    })
    await expect(open(server.url).sink.put(Buffer.from('x'))).rejects.toMatchObject({ code: 'invalid' })
    expect(server.asked).toHaveLength(2)
    await using closed = await listen((_, response) => void response.writeHead(401).end())
    await expect(open(closed.url).sink.put(Buffer.from('x'))).rejects.toMatchObject({ code: 'not_logged_in' })
    expect(closed.asked).toHaveLength(1)
  })

  test('patience ends, and the signal ends it at once', async () => {
    await expect(
      open(await closedUrl(), { patienceMs: 100 }).sink.put(Buffer.from('x')),
    ).rejects.toMatchObject({ code: 'transport_unavailable' })
    const stop = new AbortController()
    const waiting = open(await closedUrl(), { signal: stop.signal }).sink.put(Buffer.from('x'))
    stop.abort(new Error('the worker stops'))
    await expect(waiting).rejects.toThrow('the worker stops')
  })

  test('those that wait are bounded, and each refusal is counted', async () => {
    const stop = new AbortController()
    const { sink, metrics } = open(await closedUrl(), { signal: stop.signal })
    const waiting = Array.from({ length: 64 }, (_, n) => sink.put(Buffer.from(`${n}`)).catch(() => 'ended'))
    await expect(sink.put(Buffer.from('one more'))).rejects.toMatchObject({ code: 'transport_unavailable' })
    expect(metrics.counts.get('evidence_uploads_refused_total{}')).toBe(1)
    stop.abort()
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['ended']))
  })

  test('a file that changes while it is sent is not stored under the wrong name', async () => {
    await using folder = await tempFolder()
    const path = join(folder.path, 'film.mp4')
    await writeFile(path, 'the film')
    let changed = false
    await using server = await listen((request, response) => {
      if (request.method !== 'HEAD')
        return void request.resume().on('end', () => problem(422, 'invalid')(request, response))
      if (changed) return void response.writeHead(404).end()
      changed = true
      void writeFile(path, 'another film').then(() => response.writeHead(404).end())
    })
    await expect(open(server.url, { patienceMs: 0 }).sink.put({ path })).rejects.toThrow()
  })
})

test('picture work goes over the wire and back', async () => {
  const calls: unknown[] = []
  const task = {
    id: 'b2d1f5c8-0000-4000-8000-000000000001',
    kind: 'still' as const,
    alertId: 'a',
    camera: { id: 'cam-1', url: 'rtsp://127.0.0.1/1' } as never,
    pinId: null,
    from: 5,
    to: 5,
    moment: 5,
    box: [0, 0, 1, 1] as const,
    attempt: 2,
  }
  await using database = await createTestDatabase()
  await using server = await startWorkerServer({
    database,
    more: {
      pictures: {
        next: async (worker) => {
          calls.push(worker)
          return calls.length === 1 ? task : null
        },
        done: async (...call) => void calls.push(call),
        failed: async (...call) => void calls.push(call),
        unneeded: async (_, pins) => pins,
      },
    },
  })
  const work = createHttpPictureWork(await server.link('hall'))
  const made = {
    variant: 'masked' as const,
    ...(await server.evidence.put(Buffer.from('a picture'))),
    mediaType: 'image/jpeg',
    capturedAt: 5,
    meta: {},
  }
  expect(await work.next('ignored')).toEqual(task)
  expect(await work.next('ignored')).toBeNull()
  await work.done('ignored', task.id, [made])
  await work.failed('ignored', task.id, 'no\0 ring', true)
  expect(await work.unneeded('ignored', ['p'])).toEqual(['p'])
  expect(calls).toEqual([
    'hall/one',
    'hall/one',
    ['hall/one', task.id, [made]],
    ['hall/one', task.id, 'no\0 ring', true],
  ])
})
