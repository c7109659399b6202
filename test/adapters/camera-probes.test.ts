import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, expect, test } from 'vitest'
import { createCameraProbes } from '../../adapters/camera-probe/remote.ts'
import type { WorkerAddress } from '../../adapters/live/line.ts'
import type { CameraProbed } from '../../core/api/camera-setup.ts'
import type { CameraProbe, ProbeHiding } from '../../core/camera-setup.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { recordingLog } from '../support/log.ts'
import { startProbeWorker } from '../support/probe-worker.ts'

const URL = 'rtsp://10.0.0.8/1'
const LOGIN = { user: 'probe', password: 's3cret-word' }
const never = new AbortController().signal
const nothing = { worker: null, unreached: [], seen: null, picture: null }
const unreachable: CameraProbed = { ...nothing, failure: { code: 'camera_unreachable', cause: 'no_route' } }
const refused: CameraProbed = { ...nothing, failure: { code: 'camera_auth', cause: null } }

const open = new AsyncDisposableStack()
const log = recordingLog()
afterAll(() => open.disposeAsync())
afterEach(() => {
  expect(log.lines.join('\n')).not.toContain(LOGIN.password)
})

/** A worker that answers so, over HTTP. */
async function worker(name: string, probe: CameraProbe['probe'], secret?: string): Promise<WorkerAddress> {
  const { endpoint, ...server } = await startProbeWorker({ probe }, log)
  open.defer(() => server[Symbol.asyncDispose]())
  return { worker: name, endpoint: { ...endpoint, ...(secret && { secret }) } }
}
const ask = (
  workers: readonly WorkerAddress[],
  local: Parameters<typeof createCameraProbes>[0]['local'] = null,
  limitMs?: number,
) =>
  createCameraProbes({
    ...{ lookup: async () => workers, local, log },
    ...(limitMs !== undefined && { limitMs }),
  }).probe(URL, LOGIN, never)

test('the first worker is asked with what was typed, and named', async () => {
  const asked: unknown[] = []
  const first = await worker('a', async (url, login) => {
    asked.push([url, login])
    return refused
  })
  const second = await worker('b', () => Promise.reject(new Error('it is not asked')))
  expect(await ask([first, second])).toEqual({ ...refused, worker: 'a' })
  expect(asked).toEqual([[URL, LOGIN]])
})

const stalled: CameraProbed = { ...nothing, failure: { code: 'camera_stalled', cause: null } }

test.each([
  ['says so', unreachable],
  ['hears nothing, as behind what drops packets', stalled],
])(
  'who cannot reach the camera and %s is named beside the one who can; at most three are heard',
  async (_, said) => {
    const blind = async () => said
    const three = [await worker('a', blind), await worker('b', blind), await worker('c', blind)]
    const sees = await worker('d', async () => refused)
    expect(await ask([...three.slice(0, 2), sees])).toEqual({
      ...refused,
      worker: 'd',
      unreached: ['a', 'b'],
    })
    expect(await ask([...three, sees])).toEqual({ ...said, worker: 'a', unreached: ['b', 'c'] })
  },
)

test.each(['busy', 'protocol', null] as const)(
  'where something has answered nobody else is asked (%s)',
  async (cause) => {
    const said: CameraProbed = { ...nothing, failure: { code: 'camera_unreachable', cause } }
    const far = await worker('a', async () => unreachable)
    const near = await worker('b', async () => said)
    const other = await worker('c', () => Promise.reject(new Error('it is not asked')))
    expect(await ask([far, near, other])).toEqual({ ...said, worker: 'b', unreached: ['a'] })
  },
)

test('workers that do not answer count as asked, and the others are said to be left out', async () => {
  const silent = (name: string): WorkerAddress => ({
    ...{ worker: name, endpoint: { url: 'http://127.0.0.1:9', secret: 'x' } },
  })
  const [a, b, c] = ['a', 'b', 'c'].map(silent) as [WorkerAddress, WorkerAddress, WorkerAddress]
  const sees = await worker('d', async () => refused)
  expect(await ask([a, b, sees])).toMatchObject({ worker: 'd' })
  await expect(ask([a, b, c, sees])).rejects.toMatchObject({
    ...{
      code: 'no_worker',
      message: expect.stringMatching(/no answer in time .*: a, b, c; 1 more were not asked/),
    },
  })
  const blind = await worker('e', async () => unreachable)
  expect(await ask([blind, a, b, sees])).toEqual({ ...unreachable, worker: 'e' })
})

test('a worker that holds its answer back is waited for until the limit of all, and told as silent', async () => {
  const mute = await worker('mute', () => new Promise(() => undefined))
  const sees = await worker('sees', async () => refused)
  await expect(ask([mute, sees], null, 50)).rejects.toMatchObject({
    ...{ code: 'no_worker', message: expect.stringMatching(/no answer in time \(0.05 s .*: mute; 1 more/) },
  })
  const here = {
    worker: 'here',
    probe: {
      probe: (_url: string, _login: unknown, signal: AbortSignal) =>
        new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    },
  }
  await expect(ask([], here, 50)).rejects.toMatchObject({ code: 'no_worker' })
})

test('a worker that cannot be asked is passed over; with nobody left it is said who lacks what', async () => {
  const old = createServer((_, response) => response.writeHead(404).end('{"code":"not_found"}'))
  const strange = createServer((_, response) => response.writeHead(200).end('{"seen":"all"}'))
  const addresses: WorkerAddress[] = []
  for (const [name, server] of Object.entries({ old, strange })) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    open.defer(() => new Promise<void>((done) => server.close(() => done())))
    const { port } = server.address() as AddressInfo
    addresses.push({ worker: name, endpoint: { url: `http://127.0.0.1:${port}`, secret: 'x' } })
  }
  const away = [
    ...addresses,
    { worker: 'down', endpoint: { url: 'http://127.0.0.1:9', secret: 'x' } },
    { worker: 'mute', endpoint: null },
    await worker('estranged', async () => refused, 'another secret'),
  ]
  await expect(ask(away)).rejects.toMatchObject({
    code: 'no_worker',
    message:
      'no worker that could reach the camera can be asked: without WORKER_URL, an address that this process reaches: mute; no answer in time (55 s for all; this process has to reach their WORKER_URL): down; refused this process (another worker answers at their WORKER_URL): estranged; of another version, or something else answers at their WORKER_URL: old, strange',
  })
  expect(await ask([...away, await worker('there', async () => refused)])).toMatchObject({ worker: 'there' })
  await expect(ask([])).rejects.toMatchObject({
    ...{ code: 'no_worker', message: 'no worker that could reach the camera is connected' },
  })
})

test('what a worker lacks itself is the answer only when nobody else has one', async () => {
  const fails = (code: 'too_many_requests' | 'dependency_missing') => () =>
    Promise.reject(new SharpEyesError(code, `it is ${code}`, { details: { retryAfterSeconds: 10 } }))
  const busy = await worker('busy', fails('too_many_requests'))
  const bare = await worker('bare', fails('dependency_missing'))
  await expect(ask([busy])).rejects.toMatchObject({
    code: 'too_many_requests',
    message: 'it is too_many_requests',
    details: { retryAfterSeconds: 10 },
  })
  await expect(ask([busy, bare])).rejects.toMatchObject({ code: 'dependency_missing' })
  expect(await ask([busy, bare, await worker('c', async () => refused)])).toMatchObject({ worker: 'c' })
})

test('the worker of this very process is asked in its turn, without HTTP, also before it was heard of', async () => {
  const local = { worker: 'here', probe: { probe: async () => refused } }
  expect(await ask([], local)).toEqual(refused)
  const other = await worker('other', async () => unreachable)
  expect(await ask([other, { worker: 'here', endpoint: null }], local)).toEqual({
    ...{ ...refused, unreached: ['other'] },
  })
})

test('what is hidden of a configured camera is told to the worker, and nothing where it is no more than heads', async () => {
  const hidden: unknown[] = []
  const looks = await worker('a', async (_url, _login, _signal, hide) => {
    hidden.push(hide)
    return refused
  })
  const hide: ProbeHiding = {
    masking: 'heads',
    privacy: [
      [
        [0, 0],
        [0.5, 0],
        [0, 0.5],
      ],
    ],
  }
  const at = (address: WorkerAddress) =>
    createCameraProbes({ lookup: async () => [address], local: null, log })
  await at(looks).probe(URL, LOGIN, never, hide)
  await at(looks).probe(URL, LOGIN, never, { masking: 'frame', privacy: [] })
  await at(looks).probe(URL, LOGIN, never, { masking: 'heads', privacy: [] })
  expect(hidden).toEqual([hide, { masking: 'frame', privacy: [] }, undefined])
})

test('who leaves ends the probe at the worker', async () => {
  const begun = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const slow = await worker('a', (_url, _login, signal) => {
    begun.resolve()
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => {
        ended.resolve()
        reject(signal.reason)
      }),
    )
  })
  const gone = new AbortController()
  const probes = createCameraProbes({ lookup: async () => [slow], local: null, log })
  const asked = probes.probe(URL, LOGIN, gone.signal)
  const reason = new Error('nobody waits for the answer')
  const rejected = expect(asked).rejects.toBe(reason)
  await begun.promise
  gone.abort(reason)
  await rejected
  await ended.promise
})
