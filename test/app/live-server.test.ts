import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { readLiveWord } from '../../adapters/live/wire.ts'
import { frameOf, initOf, type LiveWorker, liveCamera, startLiveWorker } from '../support/live-child.ts'
import { waitUntil } from '../support/wait-until.ts'

const privacy = [
  [
    [0, 0],
    [0.5, 0],
    [0.5, 1],
  ],
]
let worker: LiveWorker
let gate = Promise.resolve()
beforeAll(async () => {
  const names = ['yard', 'a', 'b', 'c', 'd', 'e']
  const cameras = [...names.map((name) => liveCamera(name)), liveCamera('kitchen', { privacy })]
  worker = await startLiveWorker(cameras, async () => {
    await gate
    return Buffer.from('masked')
  })
})
afterAll(() => worker[Symbol.asyncDispose]())

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })
const get = (path: string, headers: Record<string, string> = bearer(worker.endpoint.secret)) =>
  fetch(`${worker.endpoint.url}${path}`, { headers })
const open = (path: string, headers: Record<string, string> = bearer(worker.endpoint.secret)) =>
  new WebSocket(`${worker.endpoint.url.replace('http', 'ws')}${path}`, { headers })

async function refusal(socket: WebSocket): Promise<number> {
  socket.on('error', () => undefined)
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }]
  socket.terminate()
  return response.statusCode
}

test('nothing is shown without the secret', async () => {
  const { secret } = worker.endpoint
  const wrong = [{}, bearer(''), bearer(`${secret}x`), bearer(secret.slice(1)), { authorization: secret }]
  for (const headers of wrong as Record<string, string>[]) {
    for (const path of ['/still/yard.jpg', '/still/nowhere.jpg']) {
      expect((await get(path, headers)).status, `${path} ${JSON.stringify(headers)}`).toBe(401)
    }
    expect(await refusal(open('/live/yard', headers))).toBe(401)
  }
  expect(worker.hub('yard').hub.readers).toBe(0)
})

test('a camera with privacy masks gives masked stills and no video', async () => {
  worker.hub('kitchen').feed.init(initOf(1))
  expect(await refusal(open('/live/kitchen'))).toBe(403)
  expect(worker.hub('kitchen').hub.readers).toBe(0)
  const still = await get('/still/kitchen.jpg')
  expect([still.status, await still.text(), still.headers.get('x-captured-at')]).toEqual([
    200,
    'masked',
    '1000',
  ])
  expect(await refusal(open('/live/nowhere'))).toBe(404)
  expect((await get('/still/nowhere.jpg')).status).toBe(404)
  expect((await get('/still/%ff.jpg')).status).toBe(404)
})

test('of one camera one picture is made at a time, and of few cameras at once', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  gate = promise
  const status: number[] = []
  const all = ['yard', 'yard', 'a', 'b', 'c', 'd', 'e'].map(async (camera) => {
    status.push((await get(`/still/${camera}.jpg`)).status)
  })
  await waitUntil('two are refused', () => status.length === 2)
  resolve()
  await Promise.all(all)
  expect(status).toEqual([429, 429, 200, 200, 200, 200, 200])
})

test('a reader that does not keep up is given no more until it has, then a key frame; others go on', async () => {
  const { feed, hub } = worker.hub('yard')
  const [slow, quick] = [open('/live/yard'), open('/live/yard')]
  const seen: string[] = []
  const indexes = (socket: WebSocket, into: string[]) =>
    socket.on('message', (data: Buffer, binary: boolean) => {
      const word = readLiveWord(data, binary)
      if (word?.kind === 'fragment')
        into.push(`${word.facts.key ? 'key' : 'delta'} ${word.facts.mediaMs / 40}`)
    })
  const all: string[] = []
  indexes(slow, seen)
  indexes(quick, all)
  await waitUntil('both read', () => hub.readers === 2)
  feed.init(initOf(1))
  slow.pause()
  const big = Buffer.alloc(512 * 1024)
  let index = 0
  const dropped = () => worker.metrics.counts.get('live_fragments_dropped_total{}') ?? 0
  while (dropped() === 0) {
    feed.fragment(frameOf(index, big))
    index += 1
    await waitUntil('the quick one has it', () => all.length === index)
  }
  // In the middle of a GOP it reads again: it goes on with the next key frame.
  slow.resume()
  await waitUntil('it has caught up', () => seen.length >= index - dropped())
  const before = seen.length
  do {
    feed.fragment(frameOf(index))
    index += 1
    await waitUntil('the quick one has it', () => all.length === index)
  } while ((index - 1) % 5 !== 0 || seen.length === before)
  await waitUntil('it goes on', () => seen.length > before)
  expect(seen[before]).toMatch(/^key /)
  expect(all).toHaveLength(index)
  slow.terminate()
  quick.terminate()
  await waitUntil('both are gone', () => hub.readers === 0)
})

test("the end of a connection ends the line: the next one may be another worker's", async () => {
  const { feed, hub } = worker.hub('a')
  const line = open('/live/a')
  const words: unknown[] = []
  line.on('message', (data: Buffer, binary: boolean) => words.push(readLiveWord(data, binary)))
  await waitUntil('it reads', () => hub.readers === 1)
  feed.ended('the camera is away')
  const [code] = (await once(line, 'close')) as [number]
  expect(code).toBe(1_000)
  expect(words).toEqual([{ kind: 'ended', reason: 'the camera is away' }])
  await waitUntil('nobody reads the hub', () => hub.readers === 0)
})

test('of what is found in the pictures a reader that does not keep up is given nothing that would wait', async () => {
  const { feed, hub } = worker.hub('b')
  const boxes = worker.boxes('b')
  const line = open('/live/b')
  let found = 0
  line.on('message', (data: Buffer, binary: boolean) => {
    if (readLiveWord(data, binary)?.kind === 'found') found += 1
  })
  await once(line, 'open')
  // Said before the camera is opened or after: both count. What is no word of ours changes nothing.
  line.send('{"boxes":true}')
  line.send('something else')
  line.send(Buffer.from('{"boxes":false}'))
  await waitUntil('it reads, and wants boxes', () => hub.readers === 1 && boxes.wanted)
  feed.init(initOf(1))
  feed.fragment(frameOf(0))
  boxes.tell({ mediaMs: 0, boxes: [] })
  await waitUntil('it has boxes', () => found === 1)
  line.pause()
  const count = (name: string) => worker.metrics.counts.get(`${name}{}`) ?? 0
  const before = count('live_fragments_dropped_total')
  for (let index = 5; count('live_fragments_dropped_total') === before; index += 5) {
    feed.fragment(frameOf(index, Buffer.alloc(512 * 1024)))
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (let n = 0; n < 1_000; n++) boxes.tell({ mediaMs: n, boxes: [] })
  expect(count('live_boxes_dropped_total')).toBe(1_000)
  line.terminate()
  await waitUntil('nobody wants boxes any more', () => !boxes.wanted)
})
