import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, expect, test } from 'vitest'
import { createCameraProbes } from '../../adapters/camera-probe/remote.ts'
import type { WorkerAddress } from '../../adapters/live/line.ts'
import type { CameraProbed } from '../../core/api/camera-setup.ts'
import type { CameraProbe } from '../../core/camera-setup.ts'
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
) => createCameraProbes({ lookup: async () => workers, local, log }).probe(URL, LOGIN, never)

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

test('who cannot reach the camera is named beside the one who can; at most three are heard', async () => {
  const blind = async () => unreachable
  const three = [await worker('a', blind), await worker('b', blind), await worker('c', blind)]
  const sees = await worker('d', async () => refused)
  expect(await ask([...three.slice(0, 2), sees])).toEqual({ ...refused, worker: 'd', unreached: ['a', 'b'] })
  expect(await ask([...three, sees])).toEqual({ ...unreachable, worker: 'a', unreached: ['b', 'c'] })
})

test('a worker that cannot be asked is passed over; with nobody left it is said who there is', async () => {
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
    ...{ code: 'no_worker', message: expect.stringContaining('down, estranged, mute, old, strange') },
  })
  expect(await ask([...away, await worker('there', async () => refused)])).toMatchObject({ worker: 'there' })
  await expect(ask([])).rejects.toMatchObject({
    ...{ code: 'no_worker', message: 'no worker that could reach the camera is connected' },
  })
})

test('what a worker lacks itself is the answer only when nobody else has one', async () => {
  const fails = (code: 'too_many_requests' | 'dependency_missing') => () =>
    Promise.reject(new SharpEyesError(code, `it is ${code}`))
  const busy = await worker('busy', fails('too_many_requests'))
  const bare = await worker('bare', fails('dependency_missing'))
  await expect(ask([busy])).rejects.toMatchObject({
    code: 'too_many_requests',
    message: 'it is too_many_requests',
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
