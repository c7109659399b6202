import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../adapters/clock.ts'
import { readSource } from '../../app/health/part.ts'
import { camerasHealth } from '../../app/health.ts'
import { sampleCity } from '../../app/sample-city.ts'
import { type CameraWorker, runWorker } from '../../app/worker/worker.ts'
import type { CameraConfig } from '../../core/config/city.ts'
import { type ErrorCode, SharpEyesError } from '../../core/errors.ts'
import type { CameraStatus, ControlPlane } from '../../core/ports/control.ts'
import type { EvidenceSource } from '../../core/ports/evidence.ts'
import { createOpenEvents } from '../../ingest/spool/open-events.ts'
import { openSpool, type Spool } from '../../ingest/spool/spool.ts'
import { hazardEvent } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'
import { testMediaTools } from '../support/media-tools.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { waitUntil } from '../support/wait-until.ts'

// The worker of the program with the real spool; in place of the city a control plane that answers as each test says.

const LIMIT = 120_000
let folder: Awaited<ReturnType<typeof tempFolder>>
let spool: Spool
let stopping: AbortController
let worker: CameraWorker | null = null
/** Added to the real time: a lease is 20 s long. */
let aheadMs = 0

beforeEach(async () => {
  folder = await tempFolder()
  await mkdir(join(folder.path, 'ring'))
  spool = await openSpool({
    folder: join(folder.path, 'spool'),
    ...{ clock, log: silentLog, metrics: recordingMetrics() },
    limits: { ballastBytes: 4_096 },
  })
  stopping = new AbortController()
  aheadMs = 0
})
afterEach(async () => {
  stopping.abort()
  await worker?.ended
  worker = null
  await spool[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const clock = { ...systemClock, now: () => systemClock.now() + aheadMs }

const noEvidence: EvidenceSource = {
  still: async () => null,
  pin: async () => undefined,
  unpin: async () => undefined,
  pinned: async () => [],
  clip: async () => null,
}

/** A camera where nothing listens. */
const camera = (id: string, rules: CameraConfig['rules'] = []): CameraConfig => {
  const [sample] = sampleCity(folder.path).cameras
  if (!sample) throw new Error('the sample city has cameras')
  return { ...sample, id, url: 'http://127.0.0.1:9/', zones: {}, rules }
}

/** Says what was asked of it; answers with these cameras under the epoch that its releases have made. */
function city(cameras: readonly CameraConfig[]) {
  const said: string[] = []
  const told: (readonly CameraStatus[])[] = []
  let epoch = 0
  const plane = {
    said,
    told,
    failing: null as ErrorCode | null,
    async hold(_worker, _capacity, status) {
      plane.refuse('hold')
      told.push(status)
      epoch ||= 1
      const held = cameras.map((one) => ({ camera: one, version: 1, epoch, until: clock.now() + 20_000 }))
      return { city: { timezone: 'Asia/Shanghai' }, sensors: [], cameras: held, left: [], strays: [] }
    },
    async release() {
      plane.refuse('release')
      epoch += 1
    },
    openEvents: async () => [],
    refuse(what: string) {
      said.push(plane.failing ? `${what}: ${plane.failing}` : what)
      if (plane.failing) throw new SharpEyesError(plane.failing, 'as the test says')
    },
  } satisfies ControlPlane & Record<string, unknown>
  return plane
}

async function start(controlPlane: ControlPlane) {
  const ports = { clock, log: silentLog, metrics: recordingMetrics() }
  const openEvents = await createOpenEvents({ spool, worker: 'hall/1', ...ports })
  const running = runWorker(
    {
      facts: { name: 'hall/1', version: '0.1.0', model: null, endpoint: null },
      ...{ capacity: 8, controlPlane, openEvents, ringFolder: join(folder.path, 'ring') },
      ...{
        mediaTools: testMediaTools(),
        detector: null,
        fullCuts: null,
        trackLogs: null,
        evidence: noEvidence,
        ...ports,
      },
      stills: { take: async () => ({ failed: 'no picture here' }) },
    },
    stopping.signal,
    () => undefined,
  )
  worker = running
  return { runs: running.runs, openEvents, metrics: ports.metrics }
}

test(
  'a camera that cannot be started keeps no other from it, and its trouble is told',
  async () => {
    const [rule] = sampleCity(folder.path).cameras.flatMap(({ rules }) => rules)
    if (!rule) throw new Error('the sample city has rules')
    // A server of another version took what this worker cannot read.
    const broken = camera('broken', [{ ...rule, type: 'object_left', zone: 'nowhere' } as typeof rule])
    const plane = city([broken, camera('sound')])
    const { runs, metrics } = await start(plane)
    await waitUntil('the other one runs', () => runs.has('sound'), LIMIT)
    await waitUntil('the city was told', () => plane.told.some((status) => status.length === 2), LIMIT)
    expect([...runs.keys()]).toEqual(['sound'])
    expect(plane.told.at(-1)?.find((status) => status.camera === 'broken')).toMatchObject({
      state: 'offline',
      problem: expect.stringMatching(/cannot be started: .*zone "nowhere" is not drawn/),
    })
    const failures = metrics.counts.get('camera_starts_failed_total{camera=broken,code=config_invalid}')
    expect(failures).toBeGreaterThanOrEqual(1)
  },
  LIMIT,
)

test(
  'nothing is held before the leases of an earlier process are given back',
  async () => {
    const plane = city([camera('one')])
    plane.failing = 'transport_unavailable'
    const { runs } = await start(plane)
    await waitUntil('it has asked', () => plane.said.length > 0, LIMIT)
    plane.failing = null
    await waitUntil('the camera runs', () => runs.has('one'), LIMIT)
    expect(plane.said.filter((word) => word === 'hold' || word === 'release')[0]).toBe('release')
    expect(runs.get('one')?.held.epoch).toBe(1)
  },
  LIMIT,
)

test.for(['forbidden', 'transport_unavailable', 'internal'] as const)(
  'a worker that hears "%s" for longer than a lease lets its cameras go, and their events stay open',
  { timeout: LIMIT },
  async (code) => {
    const plane = city([camera('one'), camera('two')])
    const { runs, openEvents } = await start(plane)
    await waitUntil('both run', () => runs.size === 2, LIMIT)
    const event = hazardEvent({ source: { kind: 'camera', id: 'one' } })
    await openEvents.publish({ kind: 'start', event }, 1)
    plane.failing = code
    aheadMs = 25_000
    await waitUntil('both are let go', () => runs.size === 0, LIMIT)
    if (!worker) throw new Error('it runs')
    const [health] = await readSource(camerasHealth(worker), systemClock)
    expect(health).toMatchObject({ status: 'down', code: 'no_leases', detail: '0 held; as the test says' })
    await waitUntil('the event is another worker’s', () => openEvents.openOf('one').length === 0, LIMIT)
    const told = (await spool.take(10)).filter(({ message }) => message.data.event.id === event.id)
    expect(told.map(({ message }) => message.data.kind)).toEqual(['start'])
    plane.failing = null
    await waitUntil('both run again', () => runs.size === 2, LIMIT)
    expect(runs.get('one')?.held.epoch).toBe(2)
  },
)

test(
  'the word that the database is away keeps the cameras, however long it is away',
  async () => {
    const plane = city([camera('one')])
    const { runs } = await start(plane)
    await waitUntil('it runs', () => runs.has('one'), LIMIT)
    const run = runs.get('one')
    plane.failing = 'database_unavailable'
    aheadMs = 600_000
    const asked = plane.said.length
    await waitUntil('it has heard so twice', () => plane.said.length >= asked + 2, LIMIT)
    expect(runs.get('one')).toBe(run)
    plane.failing = null
    await waitUntil('it holds again', () => plane.said.at(-1) === 'hold', LIMIT)
    expect(runs.get('one')).toBe(run)
  },
  LIMIT,
)
