import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { systemClock } from '../../adapters/clock.ts'
import { createRemoteLiveSource } from '../../adapters/live/remote.ts'
import { frameOf, initOf, type LiveWorker, liveCamera, startLiveWorker } from '../support/live-child.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'

let worker: LiveWorker
let live: ReturnType<typeof createRemoteLiveSource>
let city: TestDashboard
let held = true
beforeAll(async () => {
  worker = await startLiveWorker([liveCamera('works-chimney'), liveCamera('kitchen')])
  live = createRemoteLiveSource({
    lookup: async () => (held ? worker.endpoint : null),
    ...{ clock: systemClock, log: silentLog, metrics: recordingMetrics() },
  })
  city = await startDashboard({ live })
})
afterAll(async () => {
  await city[Symbol.asyncDispose]()
  await live[Symbol.asyncDispose]()
  await worker[Symbol.asyncDispose]()
})

async function look(camera: string) {
  const operator = await city.as('operator')
  const socket = new WebSocket(`${city.url.replace('http', 'ws')}/api/cameras/${camera}/live`, {
    headers: { Cookie: operator.cookie(), Origin: city.url },
  })
  const messages: (Buffer | string)[] = []
  socket.on('message', (data: Buffer, binary: boolean) => messages.push(binary ? data : data.toString()))
  const closed = once(socket, 'close') as Promise<[number, Buffer]>
  return { socket, messages, closed }
}
const shown = (messages: readonly (Buffer | string)[]) =>
  messages.map((m) => (typeof m === 'string' ? JSON.parse(m) : m.subarray(9).toString()))

test("two browsers look at one camera of another machine through one line, and see the worker's own bytes", async () => {
  const { feed, hub } = worker.hub('works-chimney')
  feed.init(initOf(1))
  feed.fragment(frameOf(0))
  const first = await look('works-chimney')
  await waitUntil('it begins', () => first.messages.length === 3)
  feed.fragment(frameOf(1))
  const second = await look('works-chimney')
  await waitUntil('both have it', () => first.messages.length === 4 && second.messages.length === 4)
  const expected = [{ mime: 'video/mp4; codecs="avc1.64001f"' }, 'init 1', 'frame 0', 'frame 1']
  expect(shown(first.messages)).toEqual(expected)
  expect(shown(second.messages)).toEqual(expected)
  expect((first.messages[3] as Buffer).readDoubleBE(1)).toBe(frameOf(1).capturedAt)
  expect(hub.readers).toBe(1)

  feed.ended('the camera went away')
  expect((await first.closed)[0]).toBe(1000)
  await second.closed
  expect(shown(second.messages).at(-1)).toEqual({ ended: 'the camera went away' })
})

test('boxes come from the worker to the browser that asked, and their end ends the work for them', async () => {
  const { feed } = worker.hub('works-chimney')
  const boxes = worker.boxes('works-chimney')
  feed.init(initOf(2))
  feed.fragment(frameOf(0))
  const [asks, watches] = [await look('works-chimney'), await look('works-chimney')]
  await waitUntil('both begin', () => asks.messages.length === 3 && watches.messages.length === 3)
  expect(boxes.wanted).toBe(false)
  asks.socket.send('{"boxes":true}')
  await waitUntil('the worker knows', () => boxes.wanted)
  const found = { mediaMs: 40, boxes: [{ label: 'fire', score: 0.8, box: [0, 0.1, 0.2, 0.3], still: false }] }
  boxes.tell(found as unknown as Parameters<typeof boxes.tell>[0])
  feed.fragment(frameOf(1))
  await waitUntil('both have the next', () => asks.messages.length === 5 && watches.messages.length === 4)
  expect(shown(asks.messages).slice(3)).toEqual([{ found }, 'frame 1'])
  expect(shown(watches.messages).slice(3)).toEqual(['frame 1'])
  asks.socket.close()
  await waitUntil('nobody wants them', () => !boxes.wanted)
  watches.socket.close()
  await watches.closed

  // A browser that remembers the setting asks as soon as its line stands, before the camera is open.
  const early = await look('works-chimney')
  await once(early.socket, 'open')
  early.socket.send('{"boxes":true}')
  await waitUntil('the worker knows', () => boxes.wanted)
  early.socket.close()
  await waitUntil('nobody wants them again', () => !boxes.wanted)
})

test('a camera with privacy masks is not even asked for, and is shown as the worker’s masked stills', async () => {
  const line = await look('kitchen')
  expect((await line.closed)[0]).toBe(4403)
  expect(worker.hub('kitchen').hub.readers).toBe(0)
  const operator = await city.as('operator')
  const still = await operator.get('/api/cameras/kitchen/live.jpg')
  expect([still.status, await still.text(), still.headers.get('x-captured-at')]).toEqual([
    ...[200, 'a jpeg', new Date(1_000).toISOString()],
  ])
})

test('a worker without room is asked once by each viewer, and not again when nobody looks', async () => {
  let upstreams = 0
  const metrics = {
    ...recordingMetrics(),
    gauge: (name: string, _labels: object, value: number) => {
      if (name === 'live_upstreams') upstreams = value
    },
  }
  const source = createRemoteLiveSource({
    lookup: async () => worker.endpoint,
    ...{ clock: systemClock, log: silentLog, metrics, tuning: { lingerMs: 2_000 } },
  })
  const refusals: unknown[] = []
  const ask = () =>
    source.open(
      'works-chimney',
      {
        init: () => undefined,
        fragment: () => undefined,
        ended: (_reason, code) => void refusals.push(code),
      },
      'mpeg1',
    )
  for (const n of [1, 2]) {
    const seat = await ask()
    await waitUntil('it is refused', () => refusals.length === n)
    seat?.[Symbol.dispose]()
    await waitUntil('its line is gone', () => upstreams === 0)
  }
  expect(refusals).toEqual(['too_many_requests', 'too_many_requests'])
  expect(worker.metrics.counts.get('live_transcodes_refused_total{}')).toBe(2)
  await source[Symbol.asyncDispose]()
})

test('a camera that nobody holds says so', async () => {
  worker.letGo('works-chimney')
  held = false
  const line = await look('works-chimney')
  expect((await line.closed)[0]).toBe(4404)
  const operator = await city.as('operator')
  expect((await operator.get('/api/cameras/works-chimney/live.jpg')).status).toBe(503)
})
