import { createHash, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDiskEvidenceStore } from '../../adapters/evidence-store/disk.ts'
import { createControlPlane } from '../../adapters/postgres/control-plane.ts'
import { addWorkerToken, createWorkerTokens, revokeWorkerToken } from '../../adapters/postgres/workers.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { HazardMessage } from '../../core/event.ts'
import type { ControlPlane } from '../../core/ports/control.ts'
import type { MadePicture, PictureTask } from '../../core/ports/pictures.ts'
import type { WorkerPorts } from '../../dashboard-api/workers/ports.ts'
import { MAX_EVIDENCE_BYTES } from '../../dashboard-api/workers/uploads.ts'
import { hazardEvent, hazardMessage } from '../support/events.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { CITY, startDashboard, type TestDashboard } from './dashboard.ts'

const FACTS = { version: '0.0.3', model: null, endpoint: null }

/** What the ports of the server were called with. */
interface Heard {
  readonly messages: HazardMessage[]
  readonly calls: unknown[]
  task: PictureTask | null
  failing: Error | null
}

let database: TestDatabase
let folder: Awaited<ReturnType<typeof tempFolder>>
let city: TestDashboard
let token: string
let heard: Heard
beforeAll(async () => {
  database = await createTestDatabase()
  folder = await tempFolder()
  heard = { messages: [], calls: [], task: null, failing: null }
  const ports: WorkerPorts = {
    controlPlane: recording(createControlPlane(database)),
    tokens: createWorkerTokens(database),
    transport: {
      send: async (messages) => {
        if (heard.failing) throw heard.failing
        heard.messages.push(...(messages as HazardMessage[]))
      },
    },
    evidence: createDiskEvidenceStore(folder.path),
    pictures: {
      next: async (worker) => {
        heard.calls.push(['next', worker])
        return heard.task
      },
      done: async (worker, task, made) => void heard.calls.push(['done', worker, task, made]),
      failed: async (worker, task, error, final) =>
        void heard.calls.push(['failed', worker, task, error, final]),
      unneeded: async (worker, pins) => {
        heard.calls.push(['unneeded', worker, pins])
        return pins.slice(1)
      },
    },
  }
  city = await startDashboard({ workers: ports })
  token = await addWorkerToken(database, 'hall', 'test')
})
afterAll(async () => {
  await city[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

function recording(plane: ControlPlane): ControlPlane {
  return {
    ...plane,
    async hold(worker, capacity, status) {
      heard.calls.push(['hold', worker.name, capacity])
      if (heard.failing) throw heard.failing
      return plane.hold(worker, capacity, status)
    },
    release: (worker, cameras) => {
      heard.calls.push(['release', worker, cameras])
      return plane.release(worker, cameras)
    },
  }
}

const call = (
  path: string,
  init: { method?: string; json?: unknown; body?: string | Uint8Array<ArrayBuffer>; headers?: object } = {},
) =>
  fetch(`${city.url}/api/worker${path}`, {
    method: init.method ?? (init.json === undefined ? 'GET' : 'POST'),
    headers: {
      authorization: `Bearer ${token}`,
      'x-sharp-eyes-worker': 'gpu-1',
      'x-sharp-eyes-version': '0.0.9',
      ...(init.json === undefined ? {} : { 'content-type': 'application/json' }),
      ...init.headers,
    },
    body: init.json === undefined ? (init.body ?? null) : JSON.stringify(init.json),
  })
const problemOf = async (answer: Response) => ({
  status: answer.status,
  ...((await answer.json()) as { code: string; detail: string }),
})

describe('who may call', () => {
  test.each([
    ['no token', { authorization: '' }, 401, 'not_logged_in', /workers add NAME/],
    ['an unknown one', { authorization: 'Bearer sew_nobody' }, 401, 'not_logged_in', /missing or unknown/],
    ['a cookie alone', { authorization: '', cookie: 'sharp-eyes=x' }, 401, 'not_logged_in', /missing/],
    ['no instance', { 'x-sharp-eyes-worker': '' }, 400, 'bad_request', /X-Sharp-Eyes-Worker/],
    ['a path for an instance', { 'x-sharp-eyes-worker': '../x' }, 400, 'bad_request', /1 to 64/],
    [
      'another major version',
      { 'x-sharp-eyes-version': '2.0.0' },
      403,
      'forbidden',
      /version 0.0.0 .*2\.0\.0.*up to date/,
    ],
    ['no version', { 'x-sharp-eyes-version': '' }, 403, 'forbidden', /does not say/],
  ])('%s: refused with the way out', async (_, headers, status, code, detail) => {
    const answer = await problemOf(await call('/time', { headers }))
    expect(answer).toMatchObject({ status, code, detail: expect.stringMatching(detail) })
  })

  test('a refused caller sends nothing that is parsed', async () => {
    const answer = await call('/messages', {
      method: 'POST',
      headers: { authorization: '', 'content-type': 'application/json' },
      body: '{ no JSON',
    })
    expect(answer.status).toBe(401)
  })

  test('a revoked token is refused from the next call on, and its name can be given again', async () => {
    const old = await addWorkerToken(database, 'depot', 'test')
    const headers = { authorization: `Bearer ${old}` }
    expect((await call('/time', { headers })).status).toBe(200)
    await expect(addWorkerToken(database, 'depot', 'test')).rejects.toMatchObject({ code: 'state_conflict' })
    await revokeWorkerToken(database, 'depot')
    expect(await problemOf(await call('/time', { headers }))).toMatchObject({
      status: 403,
      code: 'forbidden',
      detail: expect.stringMatching(/"depot" was revoked/),
    })
    const next = await addWorkerToken(database, 'depot', 'test')
    expect((await call('/time', { headers })).status).toBe(401)
    expect((await call('/time', { headers: { authorization: `Bearer ${next}` } })).status).toBe(200)
  })

  test('the time and the name are told; neither session nor CSRF header is needed', async () => {
    const answer = (await (await call('/time')).json()) as Record<string, unknown>
    expect(answer).toMatchObject({ worker: 'hall/gpu-1', version: '0.0.0' })
    expect(Math.abs(Number(answer.answeredAt) - Date.now())).toBeLessThan(60_000)
  })

  test('no token is in the log or in the database', async () => {
    await call('/hold', { json: { facts: FACTS, capacity: 0, status: [] } })
    await call('/time', { headers: { authorization: `Bearer ${token}x` } })
    expect(city.log.lines.filter((line) => line.includes('a worker was refused')).length).toBeGreaterThan(0)
    expect(city.log.lines.join('\n')).not.toContain(token.slice(4, 40))
    const { rows } = await database.query('select * from worker_tokens')
    expect(JSON.stringify(rows)).not.toContain(token.slice(4, 40))
    expect(rows.find((row) => row.name === 'hall')?.last_seen_at).not.toBeNull()
  })
})

describe('cameras', () => {
  test('a worker acts under its own name, whatever it says', async () => {
    const facts = { ...FACTS, name: 'somebody/else', clockSkewMs: 1_500 }
    expect((await call('/hold', { json: { facts, capacity: 3, status: [] } })).status).toBe(200)
    expect((await call('/release', { json: { worker: 'somebody/else', cameras: 'all' } })).status).toBe(204)
    expect(heard.calls.slice(-2)).toEqual([
      ['hold', 'hall/gpu-1', 3],
      ['release', 'hall/gpu-1', 'all'],
    ])
    const { rows } = await database.query('select name, clock_skew_ms from workers')
    expect(rows).toEqual([{ name: 'hall/gpu-1', clock_skew_ms: 1_500 }])
  })

  test.each([
    ['no facts', { capacity: 1, status: [] }, 'facts'],
    ['a capacity below zero', { facts: FACTS, capacity: -1, status: [] }, 'capacity'],
    [
      'a state that is none',
      { facts: FACTS, capacity: 1, status: [{ camera: 'x', state: 'asleep' }] },
      'status.0.state',
    ],
    [
      'an endpoint that is no address',
      {
        facts: { ...FACTS, endpoint: { url: 'file:///etc/passwd', secret: 'x'.repeat(20) } },
        capacity: 1,
        status: [],
      },
      'facts.endpoint.url',
    ],
  ])('%s: 422 that names the key', async (_, json, key) => {
    const answer = await problemOf(await call('/hold', { json }))
    expect(answer).toMatchObject({ status: 422, code: 'invalid', detail: expect.stringContaining(key) })
  })

  test('a newer worker may say more than this server knows', async () => {
    const json = { facts: { ...FACTS, gpu: 'yes' }, capacity: 0, status: [], more: 1 }
    expect((await call('/hold', { json })).status).toBe(200)
  })

  test.each([
    ['refuses the connection', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
    ['is starting', Object.assign(new Error('the database system is starting up'), { code: '57P03' })],
  ])('a database that %s is told as database_unavailable', async (_, failing) => {
    heard.failing = failing
    const answer = await problemOf(await call('/hold', { json: { facts: FACTS, capacity: 0, status: [] } }))
    heard.failing = null
    expect(answer).toMatchObject({ status: 503, code: 'database_unavailable' })
  })

  test('a failure of ours is no word that the database is away, and tells nothing but its number', async () => {
    heard.failing = new Error('column "secret" does not exist')
    const answer = await problemOf(await call('/hold', { json: { facts: FACTS, capacity: 0, status: [] } }))
    heard.failing = null
    expect(answer).toMatchObject({
      status: 500,
      code: 'internal',
      detail: expect.not.stringContaining('column'),
    })
  })

  test('what is no call of a worker is not found', async () => {
    expect(await problemOf(await call('/nothing'))).toMatchObject({ status: 404, code: 'not_found' })
  })
})

describe('messages', () => {
  test('are handed on in order, under the name of the worker that sent them', async () => {
    heard.messages.length = 0
    const event = hazardEvent()
    const messages = [
      hazardMessage(event, { kind: 'start', seq: 1 }),
      hazardMessage(event, { kind: 'end', seq: 2 }),
    ]
    expect((await call('/messages', { json: { messages } })).status).toBe(204)
    const named = messages.map((message) => ({ ...message, data: { ...message.data, worker: 'hall/gpu-1' } }))
    expect(heard.messages).toEqual(named)
  })

  test('of another type, or none at all, are refused and nothing is handed on', async () => {
    heard.messages.length = 0
    const good = hazardMessage(hazardEvent(), { kind: 'start', seq: 1 })
    for (const bad of [
      { ...good, type: 'city.sharp-eyes.case.event.v1' },
      'text',
      null,
      { type: good.type },
    ]) {
      const answer = await problemOf(await call('/messages', { json: { messages: [good, bad] } }))
      expect(answer).toMatchObject({
        status: 422,
        code: 'invalid',
        detail: expect.stringContaining('messages.1'),
      })
    }
    expect(heard.messages).toEqual([])
  })

  test('that the inbox cannot take now are refused with its word', async () => {
    heard.failing = new SharpEyesError('database_unavailable', 'the database does not answer')
    const messages = [hazardMessage(hazardEvent(), { kind: 'start', seq: 1 })]
    const answer = await problemOf(await call('/messages', { json: { messages } }))
    heard.failing = null
    expect(answer).toMatchObject({ status: 503, code: 'database_unavailable' })
  })

  test('some megabytes are taken, more are not', async () => {
    heard.messages.length = 0
    const message = hazardMessage(hazardEvent(), { kind: 'start', seq: 1 })
    const padded = { ...message, padding: 'x'.repeat(1_000_000) }
    expect((await call('/messages', { json: { messages: Array(5).fill(padded) } })).status).toBe(204)
    expect(heard.messages).toHaveLength(5)
    const answer = await problemOf(await call('/messages', { json: { messages: Array(9).fill(padded) } }))
    expect(answer).toMatchObject({ status: 413, code: 'too_large' })
  })
})

describe('evidence', () => {
  const bytes = randomBytes(100_000)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const put = (name: string, body: Buffer) =>
    call(`/evidence/${name}`, { method: 'PUT', body: new Uint8Array(body) })

  test('is durable before 201, and asked for with HEAD', async () => {
    expect((await call(`/evidence/${sha256}`, { method: 'HEAD' })).status).toBe(404)
    const answer = await put(sha256, bytes)
    expect([answer.status, await answer.json()]).toEqual([201, { sha256, bytes: 100_000 }])
    expect((await call(`/evidence/${sha256}`, { method: 'HEAD' })).status).toBe(200)
    expect((await put(sha256, bytes)).status).toBe(201)
    expect(await createDiskEvidenceStore(folder.path).locate(sha256)).not.toBeNull()
  })

  test('under a wrong hash is refused and not kept', async () => {
    const wrong = '0'.repeat(64)
    expect(await problemOf(await put(wrong, bytes))).toMatchObject({ status: 422, code: 'invalid' })
    expect((await call(`/evidence/${wrong}`, { method: 'HEAD' })).status).toBe(404)
    expect(await problemOf(await put('..%2f..%2fetc%2fpasswd', bytes))).toMatchObject({ status: 422 })
    expect(await problemOf(await put(sha256.toUpperCase(), bytes))).toMatchObject({ status: 422 })
  })

  test('that is too large is refused before it is sent', async () => {
    const answer = await new Promise<{ status: number | undefined }>((resolve, reject) => {
      const request = httpRequest(`${city.url}/api/worker/evidence/${sha256}`, {
        method: 'PUT',
        headers: {
          authorization: `Bearer ${token}`,
          'x-sharp-eyes-worker': 'gpu-1',
          'x-sharp-eyes-version': '0.0.9',
          'content-length': MAX_EVIDENCE_BYTES + 1,
        },
      })
      request.on('response', (response) => {
        resolve({ status: response.statusCode })
        request.destroy()
      })
      request.on('error', reject)
      request.write('x')
    })
    expect(answer.status).toBe(413)
  })

  test('that breaks off leaves nothing', async () => {
    const other = createHash('sha256').update('half').digest('hex')
    await new Promise<void>((resolve) => {
      const request = httpRequest(`${city.url}/api/worker/evidence/${other}`, {
        method: 'PUT',
        headers: {
          authorization: `Bearer ${token}`,
          'x-sharp-eyes-worker': 'gpu-1',
          'x-sharp-eyes-version': '0.0.9',
          'content-length': 1_000,
        },
      })
      request.on('error', () => resolve())
      request.write('half', () => setImmediate(() => request.destroy()))
    })
    expect((await call(`/evidence/${other}`, { method: 'HEAD' })).status).toBe(404)
  })
})

describe('pictures', () => {
  test('are given, handed in and given up under the name of the worker', async () => {
    heard.calls.length = 0
    expect(await (await call('/pictures/next', { method: 'POST' })).json()).toEqual({ task: null })
    const camera = CITY.cameras[0]
    if (!camera) throw new Error('the city has no camera')
    heard.task = {
      id: 'b2d1f5c8-0000-4000-8000-000000000001',
      kind: 'clip',
      alertId: 'a',
      camera,
      pinId: 'p',
      from: 1,
      to: 2,
      moment: 1,
      box: null,
      attempt: 1,
    }
    expect(await (await call('/pictures/next', { method: 'POST' })).json()).toEqual({
      task: JSON.parse(JSON.stringify(heard.task)),
    })
    const sha256 = createHash('sha256').update('movie').digest('hex')
    const made: MadePicture = {
      variant: 'masked',
      sha256,
      bytes: 5,
      mediaType: 'video/mp4',
      capturedAt: 1,
      meta: { codec: 'h264' },
    }
    const { id } = heard.task
    const early = await call(`/pictures/${id}/done`, { json: { made: [made] } })
    expect(await problemOf(early)).toMatchObject({
      status: 422,
      detail: expect.stringMatching(/put them first/),
    })
    await call(`/evidence/${sha256}`, { method: 'PUT', body: 'movie' })
    expect((await call(`/pictures/${id}/done`, { json: { made: [made] } })).status).toBe(204)
    expect((await call(`/pictures/${id}/failed`, { json: { error: 'gone', final: true } })).status).toBe(204)
    expect(await (await call('/pictures/unneeded', { json: { pins: ['p', 'q'] } })).json()).toEqual({
      pins: ['q'],
    })
    expect(heard.calls).toEqual([
      ['next', 'hall/gpu-1'],
      ['next', 'hall/gpu-1'],
      ['done', 'hall/gpu-1', id, [made]],
      ['failed', 'hall/gpu-1', id, 'gone', true],
      ['unneeded', 'hall/gpu-1', ['p', 'q']],
    ])
    const bad = await call(`/pictures/${id}/done`, { json: { made: [{ ...made, sha256: 'x' }] } })
    expect(bad.status).toBe(422)
  })
})

describe('GET /api/coverage', () => {
  beforeAll(async () => {
    await city.database.query(
      `insert into coverage (camera, worker, epoch, from_at, to_at, state, model)
       select 'works-chimney', 'hall/gpu-1', 4, now() - make_interval(hours => h), now() - make_interval(hours => h - 1), 'online', null
       from generate_series(1, 30) h`,
    )
  })

  test.each(['operator', 'investigator', 'auditor', 'admin'])('%s reads it', async (role) => {
    const answer = await (await city.as(role)).get('/api/coverage?camera=works-chimney')
    expect(answer.status).toBe(200)
    const { items, next, asOf } = (await answer.json()) as { items: object[]; next: unknown; asOf: string }
    expect(items).toHaveLength(24)
    expect(items[0]).toMatchObject({
      camera: 'works-chimney',
      worker: 'hall/gpu-1',
      epoch: 4,
      state: 'online',
    })
    expect([next, asOf]).toEqual([null, expect.any(String)])
  })

  test.each(['officer', 'verifier'])('%s does not', async (role) => {
    expect((await (await city.as(role)).get('/api/coverage')).status).toBe(403)
  })

  test('times that are none, or the wrong way round, are refused', async () => {
    const operator = await city.as('operator')
    const later = encodeURIComponent(new Date().toISOString())
    for (const query of ['from=yesterday', `from=${later}&to=2026-01-01T00:00:00Z`, 'cursor=x', 'limit=0']) {
      expect((await operator.get(`/api/coverage?${query}`)).status, query).toBe(422)
    }
    expect((await city.browser().get('/api/coverage')).status).toBe(401)
  })
})
