import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { createDiskEvidenceStore } from '../../adapters/evidence-store/disk.ts'
import { requestPictures } from '../../alerts/evidence/requests.ts'
import { createPictureWork } from '../../alerts/evidence/work.ts'
import { makeNext } from '../../app/worker/picture-maker.ts'
import { cameraSchema } from '../../core/config/city.ts'
import { createMasker } from '../../inference/masking/masker.ts'
import { createEvidenceSource } from '../../ingest/evidence/source.ts'
import { createRing, type Ring } from '../../ingest/ring/ring.ts'
import { fragmentsOf, handHub } from '../support/fragments.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { testMediaTools } from '../support/media-tools.ts'
import { makeNumberedFilm, readNumber } from '../support/numbered-film.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const run = promisify(execFile)
const FRAMES = 250
let database: TestDatabase
let folder = ''
let ring: Ring
beforeAll(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'pictures-'))
})
afterAll(async () => {
  await ring.stop()
  await database[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

test("a sensor's alert gets the picture and the film of the camera beside it, out of a real ring", async () => {
  // Ten seconds that have just gone by.
  const startedAt = Date.now() - 12_000
  const film = join(folder, 'film.mp4')
  await makeNumberedFilm({ path: film, frames: FRAMES, gop: 25 })
  const { init, fragments } = await fragmentsOf(film, { startedAt })
  const hub = handHub('yard')
  const metrics = recordingMetrics()
  const mediaTools = testMediaTools()
  const common = { clock: systemClock, log: silentLog, metrics }
  ring = createRing({ camera: 'yard', hub, folder: join(folder, 'ring'), hours: 2, ...common })
  hub.init(init)
  for (const fragment of fragments) hub.fragment(fragment)

  const camera = cameraSchema.parse({
    ...{ id: 'yard', name: { zh: '院', en: 'Yard' }, purpose: 'environment', url: 'yard.mp4' },
    masking: 'frame',
  })
  await database.query(
    "insert into config_objects (kind, id, managed_by, version, body) values ('camera', 'yard', 'file', 1, $1)",
    [camera],
  )
  await database.query(
    "insert into camera_leases (camera, worker, epoch, until) values ('yard', 'w1', 1, now() + interval '10 min')",
  )
  const alertId = randomUUID()
  await database.query(
    `insert into alerts (id, fingerprint, source_kind, source_id, rule_id, rule_version, type, severity, state, started_at,
       since, last_seen_at, score, event_id, cause)
     values ($1::uuid, 'f', 'sensor', 'pm-1', 'r', '1', 'exceedance', 3, 'firing', now(), now(), now(), 1, $1::uuid, '{}')`,
    [alertId],
  )
  const shown = fragments[130]
  const moment = shown?.capturedAt ?? 0
  await database.transaction((tx) =>
    requestPictures(tx, {
      ...{ alertId, cameras: ['yard'], kinds: ['still', 'clip'] },
      ...{ moment, from: moment - 2_000, to: moment + 2_000 },
    }),
  )

  const store = createDiskEvidenceStore(join(folder, 'evidence'))
  const deps = {
    work: createPictureWork({ database, clock: systemClock, metrics }),
    worker: 'w1',
    source: createEvidenceSource({
      ...common,
      rings: (id) => (id === 'yard' ? ring : null),
      mediaTools,
      folder: join(folder, 'pins'),
    }),
    masker: createMasker({ finder: null, mediaTools, log: silentLog }),
    store,
    workFolder: folder,
    ...common,
  }
  const { signal } = new AbortController()
  while (await makeNext(deps, signal));
  expect(
    (await database.query('select kind, state, error from picture_requests order by kind')).rows,
  ).toEqual([
    { kind: 'clip', state: 'done', error: null },
    { kind: 'still', state: 'done', error: null },
  ])
  const { rows } = await database.query<{
    kind: string
    variant: string
    camera: string
    sha256: string
    captured_at: Date
    method: string
  }>(
    `select kind, variant, camera, sha256, captured_at, meta ->> 'method' as method from evidence order by kind, variant`,
  )
  expect(rows.map(({ kind, variant, camera: of }) => [kind, variant, of])).toEqual([
    ['clip', 'masked', 'yard'],
    ['clip', 'original', 'yard'],
    ['still', 'masked', 'yard'],
    ['still', 'original', 'yard'],
  ])
  const pathOf = async (n: number) => (await store.locate(rows[n]?.sha256 ?? '')) ?? ''
  const numberIn = async (n: number) => {
    const { data, info } = await sharp(await readFile(await pathOf(n)))
      .raw()
      .toBuffer({ resolveWithObject: true })
    return { number: readNumber({ rgb: data, width: info.width, height: info.height }), width: info.width }
  }
  expect(rows[3]?.captured_at.getTime()).toBe(moment)
  expect(await numberIn(3)).toEqual({ number: 130, width: init.width })
  const masked = await numberIn(2)
  expect(masked.width, 'full resolution').toBe(init.width)
  expect(rows[2]?.method).toBe('frame@1')
  expect(rows[2]?.sha256).not.toBe(rows[3]?.sha256)

  const probe = [
    '-v',
    'error',
    '-count_frames',
    '-show_entries',
    'stream=codec_name,nb_read_frames',
    '-of',
    'json',
  ]
  for (const n of [0, 1]) {
    const [stream] = JSON.parse((await run('ffprobe', [...probe, await pathOf(n)])).stdout).streams
    expect(stream.codec_name).toBe('h264')
    expect(Number(stream.nb_read_frames)).toBeGreaterThan(n === 0 ? 40 : 95)
  }
})
