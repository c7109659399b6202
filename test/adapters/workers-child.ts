import { writeSync } from 'node:fs'
import { systemClock } from '../../adapters/clock.ts'
import { createHttpControlPlane } from '../../adapters/control/http.ts'
import { createControlLink } from '../../adapters/control/link.ts'
import { createHttpEventTransport } from '../../adapters/control/transport.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { HazardEvent } from '../../core/event.ts'
import type { CameraStatus, HeldCamera } from '../../core/ports/control.ts'
import { runDrain } from '../../ingest/spool/drain.ts'
import { createOpenEvents } from '../../ingest/spool/open-events.ts'
import { openSpool } from '../../ingest/spool/spool.ts'
import { hazardEvent } from '../support/events.ts'
import { recordingMetrics, silentLog } from '../support/log.ts'

// A worker without pictures: real spool, open events, drain and HTTP, one open event a camera that is told again every
// `updateMs`. Says on standard output, a line each: what it holds, and every start that is in its spool.

export interface ChildOptions {
  readonly url: string
  readonly token: string
  readonly instance: string
  readonly spool: string
  readonly updateMs: number
}
export type ChildLine =
  | { readonly kind: 'held'; readonly cameras: readonly (readonly [camera: string, epoch: number])[] }
  | { readonly kind: 'started'; readonly event: string }

const HOLD_MS = 5_000
const LEASE_MS = 20_000

const { url, token, instance, spool: folder, updateMs } = JSON.parse(process.argv[2] ?? '') as ChildOptions
const say = (line: ChildLine) => writeSync(1, `${JSON.stringify(line)}\n`)
const deps = { clock: systemClock, log: silentLog, metrics: recordingMetrics() }
const link = createControlLink({ url, token, instance, version: '0.1.0' })
const plane = createHttpControlPlane({ link, ...deps })
const spool = await openSpool({ folder, ...deps, limits: { ballastBytes: 4_096 } })
const events = await createOpenEvents({ spool, worker: link.worker, ...deps })
const facts = { name: link.worker, version: '0.1.0', model: null, endpoint: null }
const held = new Map<string, { epoch: number; since: number; event: HazardEvent }>()

async function take({ camera: { id }, epoch }: HeldCamera): Promise<void> {
  const [adopted] = await events.adopt(id, epoch, () => plane.openEvents(id))
  const now = Date.now()
  const fresh = { source: { kind: 'camera', id }, since: now, startedAt: now, lastSeenAt: now } as const
  const event = adopted ?? hazardEvent(fresh)
  if (!adopted) {
    await events.publish({ kind: 'start', event }, epoch)
    say({ kind: 'started', event: event.id })
  }
  held.set(id, { epoch, since: now, event })
}

async function letGo(id: string): Promise<void> {
  held.delete(id)
  await events.forget(id)
}

const statusOf = (camera: string, since: number): CameraStatus => ({
  camera,
  state: 'online',
  since,
  attention: { level: 'sentry', fps: 0, reason: 'quiet' },
  problem: null,
  codec: 'avc1.64001f',
  width: 1920,
  height: 1080,
  lastFrameAt: Date.now(),
  unavailable: [],
})
const tell = () => say({ kind: 'held', cameras: [...held].map(([id, { epoch }]) => [id, epoch] as const) })

let answeredAt = Date.now()
/** What it had, it let go on its own: it may have it again, but under a new epoch. */
let mustRelease = true

async function holdOnce(): Promise<void> {
  if (mustRelease) await plane.release(link.worker, 'all')
  mustRelease = false
  const status = [...held].map(([id, { since }]) => statusOf(id, since))
  const { cameras } = await plane.hold(facts, 256, status)
  answeredAt = Date.now()
  const now = new Map(cameras.map((one) => [one.camera.id, one]))
  for (const [id, { epoch }] of [...held]) if (now.get(id)?.epoch !== epoch) await letGo(id)
  for (const [id, one] of now) if (!held.has(id)) await take(one)
}

void runDrain({
  spool,
  transport: createHttpEventTransport(link),
  ...deps,
  signal: new AbortController().signal,
})
setInterval(() => {
  for (const [id, { epoch, event }] of held) {
    const state = { ...event, lastSeenAt: Date.now() }
    events.publish({ kind: 'update', event: state }, epoch).catch((error: Error) => {
      if (held.get(id)?.epoch === epoch) throw error // else it was let go meanwhile
    })
  }
}, updateMs)

for (;;) {
  try {
    await holdOnce()
  } catch (error) {
    const away = error instanceof SharpEyesError && error.code === 'database_unavailable'
    if (away) answeredAt = Date.now()
    else if (Date.now() - answeredAt > LEASE_MS) {
      for (const id of [...held.keys()]) await letGo(id)
      mustRelease = true
    }
  }
  tell()
  await systemClock.sleep(HOLD_MS)
}
