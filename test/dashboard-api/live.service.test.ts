import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { LiveViewer } from '../../core/live.ts'
import type { Browser } from './browser.ts'
import { PASSWORD, startDashboard, type TestDashboard } from './dashboard.ts'
import { insertAlert, picture } from './matters.ts'

let city: TestDashboard
let operator: Browser
beforeAll(async () => {
  city = await startDashboard()
  operator = await city.as('operator')
})
afterAll(() => city[Symbol.asyncDispose]())

interface Line {
  readonly socket: WebSocket
  readonly messages: (Buffer | string)[]
  readonly closed: Promise<{ code: number; reason: string }>
  until(count: number): Promise<void>
}

function look(browser: Browser, camera: string, origin: string | null = city.url, query = ''): Line {
  const socket = new WebSocket(`${city.url.replace('http', 'ws')}/api/cameras/${camera}/live${query}`, {
    headers: { Cookie: browser.cookie(), ...(origin === null ? {} : { Origin: origin }) },
  })
  const messages: (Buffer | string)[] = []
  socket.on('message', (data: Buffer, binary: boolean) => messages.push(binary ? data : data.toString()))
  socket.on('error', () => undefined) // a refusal is asserted by its status
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
  })
  return {
    socket,
    messages,
    closed,
    async until(count) {
      while (messages.length < count) await once(socket, 'message')
    },
  }
}

async function refusal(line: Line): Promise<number> {
  const [, response] = (await once(line.socket, 'unexpected-response')) as [unknown, { statusCode: number }]
  line.socket.terminate()
  return response.statusCode
}

async function viewerOf(camera: string): Promise<LiveViewer> {
  for (;;) {
    const [viewer] = city.live.viewers.get(camera) ?? []
    if (viewer) return viewer
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const gone = async (camera: string) => {
  while ((city.live.viewers.get(camera)?.size ?? 0) > 0)
    await new Promise((resolve) => setTimeout(resolve, 5))
}

test('fragments arrive as they are, with their capture time, from a key frame on', async () => {
  const line = look(operator, 'works-chimney', city.url, '?purpose=patrol')
  const viewer = await viewerOf('works-chimney')
  viewer.init(Buffer.from('ftyp'), 'video/mp4; codecs="avc1.64001f"')
  viewer.fragment(Buffer.from('delta'), { key: false, capturedAt: 1_000, mediaMs: 0 })
  viewer.fragment(Buffer.from('key'), { key: true, capturedAt: 1_040.5, mediaMs: 40 })
  viewer.fragment(Buffer.from('next'), { key: false, capturedAt: 1_080, mediaMs: 80 })
  await line.until(4)
  const [text, init, key, next] = line.messages
  expect(JSON.parse(String(text))).toEqual({ mime: 'video/mp4; codecs="avc1.64001f"' })
  const parts = [init, key, next].map((message) => {
    const bytes = message as Buffer
    return [bytes.readUInt8(0), bytes.readDoubleBE(1), bytes.subarray(9).toString()]
  })
  expect(parts).toEqual([
    [0, 0, 'ftyp'],
    [2, 1_040.5, 'key'],
    [1, 1_080, 'next'],
  ])
  viewer.ended('the camera went away')
  expect((await line.closed).code).toBe(1000)
  expect(JSON.parse(String(line.messages.at(-1)))).toEqual({ ended: 'the camera went away' })
  await gone('works-chimney')
  const { rows } = await city.database.query(
    "select who, what, purpose from looks where object = 'camera:works-chimney'",
  )
  expect(rows).toEqual([{ who: 'operator', what: 'live', purpose: 'patrol' }])
})

test('a handshake needs a session, this origin, the role, and a camera of the own cases', async () => {
  expect(await refusal(look(city.browser(), 'works-chimney'))).toBe(401)
  expect(await refusal(look(operator, 'works-chimney', 'https://evil.example'))).toBe(403)
  expect(await refusal(look(await city.as('auditor'), 'works-chimney'))).toBe(403)
  expect(await refusal(look(operator, 'no-such-camera'))).toBe(404)
  expect(await refusal(look(operator, '..%2f..%2fetc'))).toBe(404)
  const officer = await city.as('officer')
  expect(await refusal(look(officer, 'works-chimney'))).toBe(404)
  await operator.post('/api/cases', { alertId: await insertAlert(city.database) })
  const line = look(officer, 'works-chimney')
  await viewerOf('works-chimney')
  line.socket.close()
  await gone('works-chimney')
})

test('a camera with privacy masks has no plain live view, but masked stills', async () => {
  const line = look(operator, 'kitchen')
  expect(await line.closed).toMatchObject({ code: 4403, reason: expect.stringContaining('privacy masks') })
  expect(city.live.viewers.get('kitchen')?.size).toBe(0)

  expect((await operator.get('/api/cameras/kitchen/live.jpg')).status).toBe(503)
  city.live.picture = await picture(64, 36)
  for (let i = 0; i < 3; i++) {
    const still = await operator.get('/api/cameras/kitchen/live.jpg')
    expect(still.status).toBe(200)
    expect(still.headers.get('x-captured-at')).toBe('2026-11-24T08:00:00.000Z')
    expect(still.headers.get('cache-control')).toBe('private, no-store')
  }
  const { rows } = await city.database.query("select who from looks where object = 'camera:kitchen'")
  expect(rows).toHaveLength(1)
  const cameras = (await operator.json('/api/cameras')).items
  expect(cameras.map((camera: { live: string }) => camera.live)).toEqual(['mse', 'stills'])
  expect(cameras[1]).toMatchObject({ state: 'unassigned', looksToday: 1 })
})

test('a log-out ends the live view', async () => {
  const browser = city.browser()
  await browser.post('/api/session', { name: 'operator', password: PASSWORD })
  const line = look(browser, 'works-chimney')
  await viewerOf('works-chimney')
  await browser.delete('/api/session')
  expect((await line.closed).code).toBe(4401)
  await gone('works-chimney')
})

test('a viewer that does not keep up is given no more until it is cut, and others go on', async () => {
  const slow = look(operator, 'works-chimney')
  const slowViewer = await viewerOf('works-chimney')
  slow.socket.pause()
  const big = Buffer.alloc(1024 * 1024)
  // More than all buffers of the kernel hold: what is above 2 MiB is dropped, not kept.
  for (let i = 0; i < 60; i++) {
    slowViewer.fragment(big, { key: i % 10 === 0, capturedAt: i, mediaMs: i })
    await new Promise((resolve) => setImmediate(resolve))
  }
  const metrics = await (await fetch(`${city.url}/metrics`)).text()
  expect(Number(/live_fragments_dropped_total (\d+)/.exec(metrics)?.[1])).toBeGreaterThan(20)
  slow.socket.resume()
  slow.socket.close()
  await gone('works-chimney')
})

test('who is refused a small video has looked at nothing; who gets one is written down before its first picture', async () => {
  const rows = async () => {
    const { rows: found } = await city.database.query(
      "select purpose from looks where object = 'camera:works-chimney' and purpose like 'small%' order by id",
    )
    return found.map(({ purpose }) => purpose)
  }
  const refused = look(operator, 'works-chimney', city.url, '?as=mpeg1&purpose=small-1')
  const full = await viewerOf('works-chimney')
  full.ended('it makes as many as it may', 'too_many_requests')
  expect((await refused.closed).code).toBe(4409)
  await gone('works-chimney')
  const shown = look(operator, 'works-chimney', city.url, '?as=mpeg1&purpose=small-2')
  const viewer = await viewerOf('works-chimney')
  viewer.init(Buffer.from('jsmp'), 'video/mp2t; codecs="mpeg1video"')
  viewer.fragment(Buffer.from('key'), { key: true, capturedAt: 1_000, mediaMs: 0 })
  await shown.until(3)
  expect(await rows()).toEqual(['small-2'])
  shown.socket.close()
  await gone('works-chimney')
})
