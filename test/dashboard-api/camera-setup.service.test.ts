import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCameraProbes } from '../../adapters/camera-probe/remote.ts'
import { createControlPlane } from '../../adapters/postgres/control-plane.ts'
import { findProbeWorkers } from '../../adapters/postgres/workers.ts'
import { addedCameraShape, type ProbeAnswer, probeAnswerShape } from '../../core/api/camera-setup.ts'
import type { WorkerFacts } from '../../core/ports/control.ts'
import { runScript, type ScriptRun } from '../support/child.ts'
import { testFilm } from '../support/films.ts'
import { recordingLog } from '../support/log.ts'
import { hasRtspServer, RTSP_SERVICE, type RtspServer, startRtspServer } from '../support/rtsp.ts'
import { missingService, onPath } from '../support/services.ts'
import { startDashboard, type TestDashboard } from './dashboard.ts'

const PROBE_WORKER = join(import.meta.dirname, '../support/probe-worker.ts')
const USER = 'probe-user'
const PASSWORD = 'Kurz%41&geheim'
const LEFT = [
  [0, 0],
  [0.5, 0],
  [0.5, 1],
  [0, 1],
]
const missing = missingService(RTSP_SERVICE, hasRtspServer()) || missingService('ffmpeg', onPath('ffmpeg'))

describe.skipIf(missing)('connecting a camera', () => {
  let city: TestDashboard
  let server: RtspServer
  /** Every answer of the tests, to be searched for the password. */
  const answers: string[] = []
  const asking = recordingLog()
  /** A worker in a process of its own: it alone may look at cameras. */
  let worker: ScriptRun
  let endpoint: WorkerFacts['endpoint']
  beforeAll(async () => {
    city = await startDashboard({
      cameraProbe: createCameraProbes({
        ...{ lookup: () => findProbeWorkers(city.database), local: null, log: asking },
      }),
    })
    worker = runScript(PROBE_WORKER, [])
    endpoint = JSON.parse(/endpoint (.*)/.exec(await worker.said('endpoint'))?.[1] ?? '')
    const film = await testFilm({ times: 60 })
    server = await startRtspServer({
      mounts: [
        { path: '/live', film, codec: 'h264' },
        {
          path: '/jpeg',
          film: await testFilm({ codec: 'mjpeg', times: 5 }),
          codec: 'jpeg',
        },
      ],
      ...{ auth: 'digest', user: USER, password: PASSWORD },
    })
  })
  afterAll(async () => {
    worker.kill()
    await worker.exited
    await server[Symbol.asyncDispose]()
    await city[Symbol.asyncDispose]()
  })

  const post = async (path: string, body: object) => {
    const answer = await (await city.as('admin')).post(path, body)
    const text = await answer.text()
    answers.push(text)
    return { status: answer.status, body: JSON.parse(text) }
  }
  /** What a worker says every 5 s. */
  const isThere = (facts: Partial<WorkerFacts>) =>
    createControlPlane(city.database).hold(
      { name: 'yard', version: '1', model: null, endpoint: null, ...facts },
      10,
      [],
    )
  const probe = async (body: object): Promise<ProbeAnswer> => {
    await isThere({ endpoint })
    const answer = await post('/api/cameras/probe', body)
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    return probeAnswerShape.parse(answer.body)
  }
  /** A machine that is busy may be too late for a first picture, which says nothing about the camera: then once more. */
  const settled = async (body: object): Promise<ProbeAnswer> => {
    const probed = await probe(body)
    return probed.failure?.code === 'camera_stalled' ? settled(body) : probed
  }
  const looks = async () => {
    const { rows } = await city.database.query(
      "select who, what, object, camera, purpose from looks where object like 'address:%' order by id",
    )
    return rows
  }
  const camera = (id: string) => ({
    ...{ id, name: { zh: '东门', en: 'East gate' }, purpose: 'public_safety', url: server.url('/live') },
  })

  test('without a worker that can be asked nobody looks, least of all the server of the pages', async () => {
    const body = { url: server.url('/live'), user: USER, password: PASSWORD }
    const alone = await post('/api/cameras/probe', body)
    expect(alone).toMatchObject({ status: 503, body: { code: 'no_worker' } })
    expect(alone.body.detail).toContain('no worker that could reach the camera is connected')
    await isThere({ endpoint: null })
    const mute = await post('/api/cameras/probe', body)
    expect(mute).toMatchObject({ status: 503, body: { code: 'no_worker' } })
    expect(mute.body.detail).toContain('without WORKER_URL, an address that this process reaches: yard')
    expect(await looks()).toEqual([])
    await createControlPlane(city.database).release('yard', 'all')
  })

  test('with the right password it is told what the camera sends, with one masked picture, and the look is written down', async () => {
    const seen = await settled({ url: server.url('/live'), user: USER, password: PASSWORD })
    expect(seen).toMatchObject({
      ...{ worker: 'yard', unreached: [], failure: null, configured: null },
      seen: { codecName: 'H.264', width: 320, height: 180, keyFrameSeconds: 1, bFrames: false, problems: [] },
    })
    expect(seen.seen?.fps).toBeCloseTo(25, 0)
    const picture = sharp(Buffer.from(seen.picture?.jpeg ?? '', 'base64'))
    expect(await picture.metadata()).toMatchObject({ format: 'jpeg', width: 320, height: 180 })
    // Pixelated: within a cell of 12 pixels all is alike, but for what JPEG adds.
    const { data } = await picture.greyscale().raw().toBuffer({ resolveWithObject: true })
    const spans: number[] = []
    for (let y = 0; y + 12 <= 180; y += 12)
      for (let x = 0; x + 12 <= 320; x += 12) {
        const cell = [3, 5, 6, 8].flatMap((dy) =>
          [3, 5, 6, 8].map((dx) => data[(y + dy) * 320 + x + dx] ?? 0),
        )
        spans.push(Math.max(...cell) - Math.min(...cell))
      }
    expect(Math.max(...spans)).toBeLessThan(40)
    expect((await looks()).at(-1)).toEqual({
      ...{ who: 'admin', what: 'live', object: `address:${server.url('/live')}`, camera: null },
      purpose: 'camera_setup',
    })
  })

  test.each([
    [
      'a wrong password',
      () => ({ url: server.url('/live'), user: USER, password: `${PASSWORD}x` }),
      'camera_auth',
      null,
    ],
    ['no password', () => ({ url: server.url('/live') }), 'camera_auth', null],
    [
      'a path that is not there',
      () => ({ url: server.url('/nowhere'), user: USER, password: PASSWORD }),
      'camera_path',
      null,
    ],
    ['a port where nobody listens', () => ({ url: 'rtsp://127.0.0.1:9/1' }), 'camera_unreachable', 'refused'],
    ['a host without a route', () => ({ url: 'rtsp://255.255.255.255/1' }), 'camera_unreachable', 'no_route'],
    ['a page that is no camera', () => ({ url: `${city.url}/` }), 'camera_unreachable', 'protocol'],
    [
      'a stream without usable video',
      () => ({ url: server.url('/jpeg'), user: USER, password: PASSWORD }),
      'camera_codec',
      null,
    ],
  ] as const)(
    '%s is an answer that says why',
    async (_, body, code, cause) => {
      const before = (await looks()).length
      const { seen, picture, failure } = await settled(body())
      expect({ seen, picture }).toEqual({ seen: null, picture: null })
      expect(failure).toEqual({ code, cause })
      expect((await looks()).length).toBeGreaterThan(before)
    },
    120_000,
  )

  test('files, paths and passwords in an address are refused, and nobody but an admin probes', async () => {
    for (const url of [
      'file:///etc/passwd',
      '/etc/passwd',
      `rtsp://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1/1`,
    ]) {
      const answer = await post('/api/cameras/probe', { url })
      expect(answer).toMatchObject({ status: 422, body: { code: 'invalid' } })
    }
    const half = await post('/api/cameras/probe', { url: server.url('/live'), user: USER })
    expect(half.status).toBe(422)
    const operator = await city.as('operator')
    expect((await operator.post('/api/cameras/probe', { url: server.url('/live') })).status).toBe(403)
  })

  test('the login goes into a private file, which the camera names; a refused camera leaves none', async () => {
    const saved = await post('/api/cameras', {
      body: { ...camera('gate'), privacy: [LEFT] },
      user: USER,
      password: PASSWORD,
      reason: '新装',
    })
    expect(saved.status).toBe(201)
    const { item, credentialsFile } = addedCameraShape.parse(saved.body)
    expect(item).toMatchObject({ id: 'gate', managedBy: 'desk', version: 1, body: { credentialsFile } })
    const file = String(credentialsFile)
    expect(await readFile(file, 'utf8')).toBe(`${USER}:${PASSWORD}\n`)
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600')
    expect(((await stat(dirname(file))).mode & 0o777).toString(8)).toBe('700')
    const files = await readdir(dirname(file))
    expect(files).toHaveLength(1)

    const login = { user: USER, password: PASSWORD, reason: '新装' }
    expect(await post('/api/cameras', { body: camera('gate'), ...login })).toMatchObject({
      ...{ status: 409, body: { code: 'state_conflict' } },
    })
    const wrong = { ...camera('west'), rules: [{ id: 'a', type: 'fire', zone: 'nowhere' }] }
    expect(await post('/api/cameras', { body: wrong, ...login })).toMatchObject({
      ...{ status: 422, body: { code: 'config_invalid', details: { faults: [{ path: 'rules.0.zone' }] } } },
    })
    expect((await post('/api/cameras', { body: camera('new'), ...login })).status).toBe(422)
    expect(
      (await post('/api/cameras', { body: { ...camera('a'), url: '/etc/passwd' }, ...login })).status,
    ).toBe(422)
    expect(await readdir(dirname(file))).toEqual(files)

    const changed = await post('/api/config/camera/gate/login', {
      ...login,
      version: 1,
      password: `${PASSWORD}2`,
    })
    expect(changed.status).toBe(200)
    expect(await readFile(String(changed.body.credentialsFile), 'utf8')).toBe(`${USER}:${PASSWORD}2\n`)
    expect(changed.body.item).toMatchObject({
      version: 2,
      body: { credentialsFile: changed.body.credentialsFile },
    })
  })

  test('at the address of a configured camera its privacy polygons stay blank, and the look names it', async () => {
    const probed = await settled({ url: server.url('/live'), user: USER, password: PASSWORD })
    const { picture } = probed
    const { data } = await sharp(Buffer.from(picture?.jpeg ?? '', 'base64'))
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true })
    const offGrey = (x: number) =>
      Math.max(...Array.from({ length: 180 }, (_, y) => Math.abs((data[y * 320 + x] ?? 0) - 128)))
    expect(Math.max(...[5, 40, 80, 120, 150].map(offGrey))).toBeLessThan(8)
    expect(Math.max(...[170, 200, 240, 280, 315].map(offGrey))).toBeGreaterThan(20)
    expect(probed.configured).toEqual({ id: 'gate', sure: true })
    expect((await looks()).at(-1)).toMatchObject({ camera: 'gate' })
  }, 120_000)

  test('the password is in no answer, no line of the log and no row of the database', async () => {
    const admin = await city.as('admin')
    for (const path of [
      '/api/config/camera',
      '/api/config/camera/gate/versions',
      '/api/cameras',
      '/api/cameras/gate',
    ])
      answers.push(await (await admin.get(path)).text())
    answers.push(await (await (await city.as('auditor')).get('/api/audit')).text())
    const { rows: tables } = await city.database.query<{ name: string }>(
      "select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
    )
    expect(tables.length).toBeGreaterThan(20)
    const rows: string[] = []
    for (const { name } of tables) {
      const { rows: found } = await city.database.query<{ row: string }>(
        `select t::text as row from ${name} t`,
      )
      rows.push(...found.map(({ row }) => `${name}: ${row}`))
    }
    expect(rows.join('\n')).toContain('camera-logins/gate-')
    const said = [
      ...answers,
      ...rows,
      JSON.stringify([city.log.lines, asking.lines]),
      await worker.said('endpoint'),
    ]
    for (const form of [
      PASSWORD,
      encodeURIComponent(PASSWORD),
      JSON.stringify(PASSWORD).slice(1, -1),
      Buffer.from(`${USER}:${PASSWORD}`).toString('base64'),
    ])
      expect(said.filter((text) => text.includes(form))).toEqual([])
  })
})
