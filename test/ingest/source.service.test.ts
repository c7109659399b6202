import { readdirSync, readFileSync } from 'node:fs'
import { chmod, copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countFrames, testFilm } from '../support/films.ts'
import { startMjpegServer } from '../support/mjpeg-server.ts'
import { hasRtspServer, RTSP_SERVICE, startRtspServer } from '../support/rtsp.ts'
import { missingService, onPath } from '../support/services.ts'
import { watchCamera } from './camera-watch.ts'

const noRtsp = missingService(RTSP_SERVICE, hasRtspServer())
const noFfmpeg = missingService('ffmpeg', onPath('ffmpeg'))

/** Every character that a URL, a shell, ffconcat or a Basic header could trip over. */
const PASSWORD = `p@s:s w/ö'"%\\#?&2`

let folder: string
const inFolder = (name: string) => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-source-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const commandLines = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/environ`, 'utf8')
      } catch {
        return '' // gone meanwhile, or not ours to read
      }
    })

const growing = (values: readonly number[]) => values.every((v, i) => i === 0 || v > (values[i - 1] ?? 0))

describe.skipIf(noRtsp || noFfmpeg)('an RTSP camera', () => {
  test.each([
    ['h264', 0],
    ['h264', 3],
    ['h265', 0],
    ['h265', 3],
  ] as const)(
    '%s with %i B-frames: a fragment a frame, key frames and times as the film has them',
    async (codec, bFrames) => {
      const film = await testFilm({ codec, bFrames, times: 30 })
      await using server = await startRtspServer({ mounts: [{ path: '/live', film, codec }] })
      await using camera = watchCamera({ id: 'c', url: server.url('/live') })
      await camera.frames(80)
      expect(camera.inits).toMatchObject([{ connection: 1, width: 320, height: 180 }])
      expect(camera.inits[0]?.codec).toMatch(codec === 'h264' ? /^avc1\.64[0-9a-f]{4}$/ : /^hev1\.1\.6\.L\d+/)
      expect(camera.fragments.flatMap((f) => (f.key ? [f.index] : [])).slice(0, 4)).toEqual([0, 25, 50, 75])
      expect(camera.fragments.map((f) => f.index)).toEqual(camera.fragments.map((_, i) => i))
      expect(growing(camera.fragments.map((f) => f.decodeTime))).toBe(true)
      // The first times of a connection are guesses; from then on pictures are 40 ms apart.
      const times = camera.fragments.slice(5, 70).map((f) => f.mediaMs)
      const sorted = [...times].sort((a, b) => a - b)
      expect(sorted.slice(8, -8).map((t, i, all) => Math.round(t - (all[i - 1] ?? t - 40)))).toEqual(
        Array.from({ length: 49 }, () => 40),
      )
      expect(times.join() === sorted.join()).toBe(bFrames === 0)
      expect(camera.fragments.every((f) => f.clock.kind === 'arrival' && f.clock.errorMs > 0)).toBe(true)
      expect(camera.fragments.every((f) => Math.abs(f.capturedAt - f.arrivedAt) < 2_000)).toBe(true)
      expect(server.count('play')).toBe(1)
    },
  )

  test.each(['basic', 'digest'] as const)(
    '%s: the password is in no process list, environment or log',
    async (auth) => {
      const film = await testFilm({ times: 30 })
      const credentialsFile = inFolder(`credentials-${auth}`)
      await writeFile(credentialsFile, `admin:${PASSWORD}\n`)
      await using server = await startRtspServer({
        mounts: [{ path: '/live', film, codec: 'h264' }],
        auth,
        user: 'admin',
        password: PASSWORD,
      })
      await using camera = watchCamera({ id: 'c', url: server.url('/live'), credentialsFile })
      await camera.frames(30)
      const seen = commandLines().join('\n')
      expect(seen).toContain('ffmpeg')
      const log = camera.log.lines.join('\n')
      for (const form of [
        PASSWORD,
        encodeURIComponent(PASSWORD),
        'p%40s',
        'p@s',
        `127.0.0.1:${server.port}/live`,
      ]) {
        expect(seen).not.toContain(form)
        if (!form.startsWith('127')) expect(log).not.toContain(form)
      }
      // The camera is left in order: it frees the session.
      await camera.pull.stop()
      await expect.poll(() => server.count('teardown'), { timeout: 20_000 }).toBe(1)
    },
  )

  test('a wrong password: camera_auth, no password in the log, and a corrected file connects without restart', async () => {
    const film = await testFilm({ times: 30 })
    const credentialsFile = inFolder('credentials-wrong')
    await writeFile(credentialsFile, `admin:wr'ong-s3cret`)
    await using server = await startRtspServer({
      mounts: [{ path: '/live', film, codec: 'h264' }],
      auth: 'digest',
      user: 'admin',
      password: PASSWORD,
    })
    await using camera = watchCamera({ id: 'gate', url: server.url('/live'), credentialsFile })
    const state = await camera.state('offline')
    expect(state).toMatchObject({
      code: 'camera_auth',
      problem: expect.stringContaining('camera gate refused user or password'),
    })
    const log = camera.log.lines.join('\n')
    expect(log).toContain('401 Unauthorized')
    expect(log).not.toContain('ong-s3cret')
    // Accounts are not locked: the next try is far away …
    expect(log).toMatch(/"retryInMs":4[12]\d{3}/)
    await writeFile(credentialsFile, `admin:${PASSWORD}`)
    // … but a corrected file is seen at once.
    await camera.state('online')
  })

  test.each([
    ['an unknown path', '/nope', 'camera_path', 'does not know the path'],
    ['MJPEG over RTSP', '/jpeg', 'camera_codec', 'H.264'],
  ])('%s says what to do', async (_what, path, code, words) => {
    const film = await testFilm({ codec: 'mjpeg', times: 5 })
    await using server = await startRtspServer({ mounts: [{ path: '/jpeg', film, codec: 'jpeg' }] })
    await using camera = watchCamera({ id: 'c', url: server.url(path) })
    const state = await camera.state('offline')
    expect(state.code).toBe(code)
    expect(state.problem).toContain(words)
  })
})

describe.skipIf(noFfmpeg)('a host that is not there', () => {
  test.each([
    ['rtsp://127.0.0.1:9/x', 'refuses the connection'],
    ['rtsp://no-such-host.invalid/x', 'cannot be resolved'],
    ['http://127.0.0.1:9/x', 'refuses the connection'],
  ])('%s is unreachable', async (url, words) => {
    await using camera = watchCamera({ id: 'c', url })
    const state = await camera.state('offline')
    expect(state.code).toBe('camera_unreachable')
    expect(state.problem).toContain(words)
  })
})

describe.skipIf(noFfmpeg)('a film played as a camera', () => {
  test('starts over, and time goes on', async () => {
    const film = await testFilm({ seconds: 2, bFrames: 3 })
    await using camera = watchCamera({ id: 'c', url: film })
    await camera.frames(125)
    expect(camera.inits).toHaveLength(1)
    expect(camera.fragments.flatMap((f) => (f.discontinuity ? [f.index] : []))).toEqual([50, 100])
    expect(camera.fragments.map((f) => f.index)).toEqual(camera.fragments.map((_, i) => i))
    const seconds = camera.fragments.map((f) => f.decodeTime / (camera.inits[0]?.timescale ?? 1))
    seconds.forEach((time, i) => {
      expect(time).toBeCloseTo(i * 0.04, 5)
    })
    // What the bytes say is what the hub says: the decode time was written into them.
    expect(decodeTimesIn(Buffer.concat(camera.fragments.map((f) => f.bytes)))).toEqual(
      camera.fragments.map((f) => f.decodeTime),
    )
    // … and the whole plays as one film, in a decoder that knows nothing of loops.
    const looped = inFolder('looped.mp4')
    const bytes = [...camera.inits, ...camera.fragments].map((part) => part.bytes)
    await writeFile(looped, Buffer.concat(bytes))
    expect(await countFrames(looped)).toBe(bytes.length - 1)
    // Paced: 125 frames take about 5 s.
    const [first, last] = [camera.fragments[0], camera.fragments.at(-1)]
    expect((last?.arrivedAt ?? 0) - (first?.arrivedAt ?? 0)).toBeGreaterThan(3_500)
  })

  test('that only its owner may read is read through the descriptor', async () => {
    const film = inFolder('private.mp4')
    await copyFile(await testFilm({ seconds: 2 }), film)
    await chmod(film, 0o600)
    await using camera = watchCamera({ id: 'c', url: film })
    await camera.frames(10)
    expect(camera.states).toMatchObject([{ state: 'online' }])
  })

  test('neither H.264 nor H.265: it is encoded, and the log says so', async () => {
    const film = await testFilm({ codec: 'mpeg4', container: 'avi', seconds: 5 })
    await using camera = watchCamera({ id: 'c', url: film })
    await camera.frames(110)
    expect(camera.inits[0]?.codec).toMatch(/^avc1\./)
    expect(camera.fragments.flatMap((f) => (f.key ? [f.index] : [])).slice(0, 3)).toEqual([0, 50, 100])
    expect(camera.log.lines.join('\n')).toContain('encoded as H.264')
  })

  test.each([
    [
      'a text',
      async () => writeFile(inFolder('bad.mp4'), 'hello'),
      'bad.mp4',
      'is no video that can be read',
    ],
    [
      'half a film',
      async () => writeFile(inFolder('half.mp4'), readFileSync(await testFilm()).subarray(0, 3_000)),
      'half.mp4',
      'moov atom not found',
    ],
    [
      'a playlist that names other files',
      async () => writeFile(inFolder('list.m3u8'), '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n'),
      'list.m3u8',
      'is no video',
    ],
    ['nothing', async () => {}, 'absent.mp4', 'does not exist'],
  ])('%s: source_invalid with the way out', async (_what, make, name, words) => {
    await make()
    await using camera = watchCamera({ id: 'yard', url: inFolder(name) })
    const state = await camera.state('offline')
    expect(state.code).toBe('source_invalid')
    expect(state.problem).toContain('camera yard: ')
    expect(state.problem).toContain(words)
    expect(state.problem).toContain('give ')
  })
})

describe.skipIf(noFfmpeg)('a folder played as a camera', () => {
  test('in name order, what is alike in one connection, the rest in others; no video is left out', async () => {
    const films = await mkdtemp(join(folder, 'films-'))
    const small = await testFilm({ seconds: 1 })
    await symlink(small, join(films, 'a-2.mp4'))
    await symlink(small, join(films, 'a-10.mp4'))
    await symlink(await testFilm({ seconds: 1, width: 160, height: 90 }), join(films, 'b.mp4'))
    await writeFile(join(films, 'c.mp4'), 'no film')
    await writeFile(join(films, 'readme.txt'), 'no film either')
    await using camera = watchCamera({ id: 'c', url: films })
    await camera.frames(101)
    expect(camera.inits.map(({ connection, width }) => [connection, width])).toEqual([
      [1, 320],
      [2, 160],
      [3, 320],
    ])
    expect(
      camera.fragments.slice(0, 100).flatMap((f) => (f.discontinuity ? [[f.connection, f.index]] : [])),
    ).toEqual([[1, 25]])
    expect(camera.fragments[75]).toMatchObject({ connection: 3, index: 0, key: true })
    expect(camera.ends).toEqual(['another film follows', 'another film follows'])
    expect(camera.log.lines.join('\n')).toContain('"film":"c.mp4"')
    expect(camera.states).toHaveLength(1)
  })

  test('without a film: source_invalid', async () => {
    const empty = await mkdtemp(join(folder, 'empty-'))
    await using camera = watchCamera({ id: 'c', url: empty })
    expect(await camera.state('offline')).toMatchObject({
      code: 'source_invalid',
      problem: expect.stringContaining('holds no video file'),
    })
  })
})

describe.skipIf(noFfmpeg)('an HTTP MJPEG camera', () => {
  test('becomes H.264 with times of arrival; the password is unseen; what is no MJPEG is refused', async () => {
    const credentialsFile = inFolder('credentials-mjpeg')
    await writeFile(credentialsFile, `admin:${PASSWORD}`)
    await using server = await startMjpegServer(`admin:${PASSWORD}`)
    await using camera = watchCamera({ id: 'c', url: `${server.url}/video`, credentialsFile })
    await using text = watchCamera({ id: 't', url: `${server.url}/text`, credentialsFile })
    await using refused = watchCamera({ id: 'r', url: `${server.url}/video` })
    expect((await text.state('offline')).code).toBe('camera_codec')
    expect((await refused.state('offline')).code).toBe('camera_auth')
    await camera.frames(25)
    expect(camera.inits).toMatchObject([{ width: 320, height: 180, codec: expect.stringMatching(/^avc1\./) }])
    const gaps = camera.fragments
      .slice(2, 25)
      .map((f, i) => f.mediaMs - (camera.fragments[i + 1]?.mediaMs ?? 0))
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    expect(mean).toBeGreaterThan(60)
    expect(mean).toBeLessThan(200)
    const seen = commandLines().join('\n')
    for (const form of [PASSWORD, encodeURIComponent(PASSWORD), 'p%40s']) expect(seen).not.toContain(form)
  })
})

/** The `tfdt` of every fragment, read without the code under test. */
function decodeTimesIn(bytes: Buffer): number[] {
  const times: number[] = []
  for (let at = bytes.indexOf('tfdt'); at >= 0; at = bytes.indexOf('tfdt', at + 4)) {
    if (bytes.readUInt32BE(at - 4) === 20) times.push(Number(bytes.readBigUInt64BE(at + 8)))
  }
  return times
}
