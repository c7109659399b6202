import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { v7 as uuidv7 } from 'uuid'
import { createHttpControlPlane } from '../../../adapters/control/http.ts'
import { createControlLink } from '../../../adapters/control/link.ts'
import { createHttpEventTransport } from '../../../adapters/control/transport.ts'
import { dataFolder, lockDataFolder } from '../../../app/data-folder.ts'
import { readHealth, spoolHealth, transportHealth } from '../../../app/health.ts'
import { openBus, workerTransport } from '../../../app/roles/bus.ts'
import { startSensing } from '../../../app/roles/sensing.ts'
import { bind, closeServer } from '../../../app/roles/serving.ts'
import { answerSide } from '../../../app/roles/side-server.ts'
import { withTools } from '../../../app/tools.ts'
import { VERSION } from '../../../app/version.ts'
import { toSharpEyesError } from '../../../core/errors.ts'
import type { HazardEvent } from '../../../core/event.ts'
import type { CameraStatus } from '../../../core/ports/control.ts'
import { runDrain } from '../../../ingest/spool/drain.ts'
import { createOpenEvents } from '../../../ingest/spool/open-events.ts'
import { openSpool } from '../../../ingest/spool/spool.ts'
import { createRandom } from '../../footage/random.ts'
import { hazardEvent } from '../../support/events.ts'
import { type SpooledLine, writeLedger } from './ledger.ts'

// The `ingest` role with everything real but the pictures: leases and configuration from the API, sensors, spool, bus.
// Its cameras are a seeded story of hazards that begin, go on and end. What the spool has committed goes into a ledger.
// A file `stop` beside its data folder makes it end what is open and begin nothing more.

const { values } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string' }, data: { type: 'string' } },
})
const HOLD_MS = 2_000
const LEASE_MS = 20_000
const STEP_MS = 400
const CAPACITY = 64

await withTools('load-worker', async (tools) => {
  const { clock, log, metrics, stack, signal } = tools
  const { control } = await tools.settings()
  if (!control) throw new Error('CONTROL_URL is missing')
  const folder = await dataFolder(values.data)
  const { server } = await bind({ port: Number(values.port), listen: '127.0.0.1' })
  stack.push('http server', () => closeServer(server))
  stack.push('data folder', (await lockDataFolder(folder))[Symbol.asyncDispose])
  const instance = `${hostname()
    .replaceAll(/[^\w.-]/g, '-')
    .slice(0, 30)}-${createHash('sha256').update(folder.path).digest('hex').slice(0, 8)}`
  const link = createControlLink({ ...control, instance, version: VERSION })
  const plane = createHttpControlPlane({ link, clock, log, metrics })
  const bus = await openBus(tools)
  const { transport, switching } = workerTransport(bus, createHttpEventTransport(link), tools)
  const spool = await openSpool({
    folder: folder.spool,
    log,
    metrics,
    clock,
    limits: { ballastBytes: 4_096 },
  })
  const openEvents = await createOpenEvents({ spool, worker: link.worker, clock, log, metrics })
  const sensing = startSensing({ tools, worker: link.worker, sink: spool.readings })
  const running = new AbortController()
  const loops = [
    runDrain({ spool, transport, clock, log, metrics, signal: running.signal }),
    openEvents.run(running.signal),
  ]
  answerSide(server, {
    tools,
    health: () => readHealth([spoolHealth(spool), transportHealth(switching)], { ready: true, clock }),
  })

  const ledger = join(folder.path, 'ledger.jsonl')
  const stopFile = join(folder.path, 'stop')
  const random = createRandom(
    Number.parseInt(createHash('sha256').update(folder.path).digest('hex').slice(0, 7), 16),
  )
  const held = new Map<string, number>()
  const since = clock.now()
  let answeredAt = clock.now()
  let mustRelease = false

  const status = (camera: string): CameraStatus => ({
    ...{ camera, state: 'online', since, attention: null, problem: null, codec: 'avc1.42c01e' },
    ...{ width: 640, height: 360, lastFrameAt: clock.now(), unavailable: [] },
  })
  const publish = async (kind: SpooledLine['kind'], event: HazardEvent, epoch: number) => {
    try {
      await openEvents.publish({ kind, event }, epoch)
      writeLedger(ledger, { event: event.id, camera: event.source.id, kind, epoch, at: clock.now() })
    } catch (error) {
      log.warn({ error: toSharpEyesError(error).message }, 'the spool refused')
    }
  }
  const hold = async () => {
    try {
      if (mustRelease) await plane.release(link.worker, 'all')
      mustRelease = false
      const holding = await plane.hold(
        { name: link.worker, version: VERSION, model: 'chaos@1', endpoint: null },
        CAPACITY,
        [...held.keys()].map(status),
      )
      answeredAt = clock.now()
      sensing.configure(holding)
      const now = new Map(holding.cameras.map(({ camera, epoch }) => [camera.id, epoch]))
      for (const [camera, epoch] of [...held]) {
        if (now.get(camera) === epoch) continue
        held.delete(camera)
        await openEvents.forget(camera)
      }
      for (const [camera, epoch] of now) {
        if (held.has(camera)) continue
        await openEvents.adopt(camera, epoch, () => plane.openEvents(camera))
        held.set(camera, epoch)
      }
      const strays = holding.strays.filter(({ event }) => !openEvents.knows(event))
      for (const camera of new Set(strays.map((stray) => stray.camera))) {
        const epoch = held.get(camera)
        if (epoch !== undefined) await openEvents.adopt(camera, epoch, () => plane.openEvents(camera))
      }
    } catch (thrown) {
      const error = toSharpEyesError(thrown)
      log.warn({ code: error.code, error: error.message }, 'holding failed')
      if (error.code === 'database_unavailable') answeredAt = clock.now()
      else if (clock.now() - answeredAt > LEASE_MS) {
        for (const camera of [...held.keys()]) {
          held.delete(camera)
          await openEvents.forget(camera)
        }
        mustRelease = true
      }
    }
  }
  const live = async (camera: string, epoch: number, ending: boolean) => {
    const open = openEvents.openOf(camera)
    const now = clock.now()
    for (const { event } of open) {
      const state = { ...event, lastSeenAt: now }
      if (ending || random() < 0.25)
        await publish('end', { ...state, endedAt: now, endReason: 'gone' }, epoch)
      else if (random() < 0.5) await publish('update', state, epoch)
    }
    if (ending || open.length > 1 || random() < 0.4) return
    const zone = `zone-${Math.floor(random() * 3)}`
    const event = hazardEvent({
      ...{
        id: uuidv7(),
        source: { kind: 'camera', id: camera },
        zone,
        since: now,
        startedAt: now,
        lastSeenAt: now,
      },
    })
    await publish('start', event, epoch)
  }

  let heldAt = 0
  await plane.release(link.worker, 'all').catch(() => undefined)
  while (!signal.aborted) {
    if (clock.now() - heldAt >= HOLD_MS) {
      await hold()
      heldAt = clock.now()
    }
    const ending = existsSync(stopFile)
    for (const [camera, epoch] of held) await live(camera, epoch, ending)
    await clock.sleep(STEP_MS, signal).catch(() => undefined)
  }
  await sensing.stop()
  running.abort()
  await Promise.all(loops)
  await plane.release(link.worker, 'all').catch(() => undefined)
  await spool[Symbol.asyncDispose]()
})
