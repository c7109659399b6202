import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testFilm } from '../support/films.ts'
import { hasRtspServer, RTSP_SERVICE, startRtspServer } from '../support/rtsp.ts'
import { missingService, onPath } from '../support/services.ts'
import { waitUntil } from '../support/wait-until.ts'
import { ffmpegsOf, watchCamera } from './camera-watch.ts'

const missing = missingService(RTSP_SERVICE, hasRtspServer()) || missingService('ffmpeg', onPath('ffmpeg'))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-supervise-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.skipIf(missing)('a supervised camera', () => {
  test('whose server is killed and comes back: stalled, offline, online, a new connection', async () => {
    const film = await testFilm({ times: 30 })
    const mounts = [{ path: '/live', film, codec: 'h264' as const }]
    const first = await startRtspServer({ mounts })
    await using camera = watchCamera({ id: 'gate', url: first.url('/live') })
    await camera.frames(30)
    await first.kill()
    await camera.state('offline')
    expect(camera.states).toMatchObject([
      { state: 'online', problem: null, code: null },
      { state: 'stalled', code: 'camera_ended', problem: 'camera gate ended the stream' },
      {
        state: 'offline',
        code: 'camera_unreachable',
        problem: expect.stringContaining('refuses the connection'),
      },
    ])
    // Offline since the last frame, not since the last try.
    const lastFrameAt = camera.fragments.at(-1)?.arrivedAt
    expect(camera.pull.state.since).toBe(lastFrameAt)
    expect(camera.pull.picture.init).toBeNull()

    await using second = await startRtspServer({ mounts, port: first.port })
    await camera.state('online')
    await waitUntil('frames of the second connection', () => camera.fragments.at(-1)?.connection === 2)
    expect(camera.inits.map((init) => init.connection)).toEqual([1, 2])
    const second0 = camera.fragments.find((f) => f.connection === 2)
    expect(second0).toMatchObject({ index: 0, key: true, discontinuity: false })
    expect(camera.ends).toHaveLength(1)
    expect(second.count('play')).toBe(1)
    await first[Symbol.asyncDispose]()
  })

  test('whose server freezes: noticed by the watchdog, and never two connections at once', async () => {
    const film = await testFilm({ times: 30 })
    await using server = await startRtspServer({ mounts: [{ path: '/live', film, codec: 'h264' }] })
    await using camera = watchCamera({ id: 'gate', url: server.url('/live') })
    await camera.frames(10)
    const atOnce: number[] = []
    const counting = setInterval(() => atOnce.push(ffmpegsOf(process.pid)), 20)
    server.freeze()
    const stalled = await camera.state('stalled')
    expect(stalled).toMatchObject({
      code: 'camera_stalled',
      problem: expect.stringContaining('sent no picture for 6 s'),
    })
    // From the last frame to the next try: 6 s of silence, the grace, the first wait (0.7 s with this random), 10 s in all.
    await waitUntil(
      'a new try',
      () => camera.metrics.counts.get('media_processes_started_total{tool=ffmpeg}') === 2,
    )
    expect(Date.now() - stalled.since).toBeLessThan(10_000)
    server.thaw()
    await camera.state('online')
    clearInterval(counting)
    expect(Math.max(...atOnce)).toBe(1)
    expect(camera.log.lines.join('\n')).toContain('"retryInMs":700')
  })

  test('that is stopped is told to its readers, and nothing is left running', async () => {
    const film = await testFilm({ times: 30 })
    await using server = await startRtspServer({ mounts: [{ path: '/live', film, codec: 'h264' }] })
    await using camera = watchCamera({ id: 'gate', url: server.url('/live') })
    await camera.frames(1)
    await camera.pull.stop()
    expect(ffmpegsOf(process.pid)).toBe(0)
    expect(camera.ends).toEqual(['stopped'])
    const states = camera.states.length
    expect(camera.states.at(-1)?.state).toBe('online')
    await camera.pull.stop()
    expect(camera.states).toHaveLength(states)
  })

  test('that accepts and never answers is given up in time', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await waitUntil('listening', () => silent.listening)
    const { port } = silent.address() as AddressInfo
    await using camera = watchCamera({ id: 'gate', url: `rtsp://127.0.0.1:${port}/x` })
    const state = await camera.state('offline')
    expect(['camera_unreachable', 'camera_stalled']).toContain(state.code)
    await camera.pull.stop()
    silent.close()
  })

  test('goes on beside one that fails', async () => {
    const broken = join(folder, 'broken.mp4')
    await writeFile(broken, 'no film')
    await using bad = watchCamera({ id: 'bad', url: broken })
    await using good = watchCamera({ id: 'good', url: await testFilm() })
    await using unknown = watchCamera({ id: 'unknown', url: 'gopher://x/y' })
    await using secret = watchCamera({ id: 'secret', url: 'rtsp://admin:s3cret@10.0.0.1/x' })
    await good.frames(25)
    expect((await bad.state('offline')).code).toBe('source_invalid')
    expect(await unknown.state('offline')).toMatchObject({
      code: 'source_invalid',
      problem: expect.stringContaining('camera unknown: "gopher://" is no source'),
    })
    expect((await secret.state('offline')).code).toBe('credentials_refused')
    expect(secret.log.lines.join('\n') + JSON.stringify(secret.states)).not.toContain('s3cret')
    expect(good.pull.state.state).toBe('online')
  })
})
