import { type SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type {
  CameraStatus,
  ControlPlane,
  HeldCamera,
  Holding,
  WorkerFacts,
} from '../../core/ports/control.ts'
import { told } from '../../core/told.ts'
import type { EpochMs } from '../../core/units.ts'
import type { OpenEvents } from '../../ingest/spool/open-events.ts'
import type { CameraRun, CameraRunDeps } from './camera-run.ts'
import { startCameraRun } from './camera-run.ts'

const HOLD_MS = 5_000
/** A lease that could not be renewed for so long is another's (DESIGN section 2: lost after 20 s). */
const LEASE_MS = 20_000
const MAX_REMEMBERED = 10_000
/** Cameras that start side by side, and how long this may hold up the next renewal: a lease must not run out meanwhile. */
const STARTS_AT_ONCE = 8
const STARTING_MS = 8_000

export interface WorkerDeps extends Omit<CameraRunDeps, 'held' | 'onRing' | 'timezone'> {
  readonly facts: WorkerFacts
  readonly capacity: number
  readonly controlPlane: ControlPlane
  readonly openEvents: OpenEvents
  /** After each answer of the control plane: sensors are configured there too. */
  readonly onHolding?: (holding: Holding) => void
}

export interface CameraWorker {
  readonly runs: ReadonlyMap<string, CameraRun>
  /** Why no lease is answered now; null: the last call was. */
  readonly trouble: string | null
  /** Resolves when every camera is let go. */
  readonly ended: Promise<void>
}

/** Holds cameras by their leases and runs each, until the signal. */
export function runWorker(
  deps: WorkerDeps,
  signal: AbortSignal,
  onRing: CameraRunDeps['onRing'],
): CameraWorker {
  const { facts, capacity, controlPlane, clock, log, metrics, openEvents } = deps
  const { name } = facts
  const runs = new Map<string, CameraRun>()
  const taken = new Set<string>()
  /** Held, and cannot be started here. */
  const failed = new Map<string, CameraStatus>()
  // A new process is a new holding: whatever an earlier one with this name held gets a new epoch.
  let mustRelease = true
  let answeredAt = clock.now()
  let trouble: string | null = null

  const status = (): CameraStatus[] => [...[...runs.values()].map((run) => run.status()), ...failed.values()]

  const start = async (held: HeldCamera, timezone: string): Promise<void> => {
    const { id } = held.camera
    try {
      await openEvents.adopt(id, held.epoch, () => controlPlane.openEvents(id))
      runs.set(id, await startCameraRun({ ...deps, held, timezone, onRing }))
      failed.delete(id)
    } catch (thrown) {
      const error = toSharpEyesError(thrown)
      const { code, message } = error
      metrics.count('camera_starts_failed_total', { camera: id, code })
      log.error({ camera: id, code, error: message }, 'a camera cannot be started: tried again in 5 s')
      failed.set(id, notStarted(id, failed.get(id)?.since ?? clock.now(), error))
    }
  }
  /** One that cannot be started keeps no other from it; what there is no time for starts in the next round. */
  const startAll = async (cameras: readonly HeldCamera[], timezone: string): Promise<void> => {
    const waiting = [...cameras]
    const startSome = async (): Promise<void> => {
      while (!signal.aborted && clock.now() - answeredAt < STARTING_MS) {
        const next = waiting.shift()
        if (!next) return
        await start(next, timezone)
      }
    }
    await Promise.all(Array.from({ length: STARTS_AT_ONCE }, startSome))
  }
  const stop = async (id: string, left: boolean): Promise<void> => {
    const run = runs.get(id)
    runs.delete(id)
    await run?.stop(left)
  }

  /** Each stray is taken over once: what came of it is in the spool then, however long that takes to arrive. */
  const isNew = ({ camera, event }: Holding['strays'][number]): boolean => {
    if (!runs.has(camera) || openEvents.knows(event) || taken.has(event)) return false
    taken.add(event)
    const [oldest] = taken
    if (taken.size > MAX_REMEMBERED && oldest !== undefined) taken.delete(oldest)
    return true
  }

  const giveAway = async (id: string): Promise<void> => {
    await stop(id, false)
    await openEvents.forget(id)
  }
  const letGo = async (): Promise<void> => {
    failed.clear()
    await Promise.all([...runs.keys()].map(giveAway))
  }

  const reconcile = async (): Promise<void> => {
    const holding = await controlPlane.hold(facts, capacity, status())
    const { cameras, left, city, strays } = holding
    const held = new Map(cameras.map((camera) => [camera.camera.id, camera]))
    answeredAt = clock.now()
    deps.onHolding?.(holding)
    for (const id of failed.keys()) if (!held.has(id)) failed.delete(id)
    // Side by side: a slow one must not hold a camera that is another worker's in a few seconds.
    await Promise.all([...runs].map(([id, run]) => keepOrStop(id, run)))
    for (const camera of new Set(strays.filter(isNew).map((stray) => stray.camera))) {
      log.info({ camera }, 'the camera starts anew: it takes over events that a former worker sent late')
      await stop(camera, false)
    }
    await startAll(
      cameras.filter(({ camera }) => !runs.has(camera.id)),
      city.timezone,
    )
    metrics.gauge('cameras_held', {}, runs.size)

    async function keepOrStop(id: string, run: CameraRun): Promise<void> {
      const now = held.get(id)
      const same = now && now.epoch === run.held.epoch && now.version === run.held.version
      if (same && run.timezone === city.timezone) return
      log.info(
        { camera: id, held: now !== undefined },
        now ? 'the camera starts anew: its configuration or lease changed' : 'the camera is let go',
      )
      if (now || left.includes(id)) await stop(id, left.includes(id))
      else await giveAway(id)
    }
  }

  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        // Under the epoch of before, messages would begin again at 1 and count as stale.
        if (mustRelease) await controlPlane.release(name, 'all')
        mustRelease = false
        await reconcile()
        trouble = null
      } catch (error) {
        const failure = toSharpEyesError(error)
        trouble = failure.message
        log.error({ code: failure.code, error: failure.message }, 'holding cameras failed')
        // Only the answer that the database is away keeps the cameras; anything else, for as long as a lease lasts, may mean
        // that others hold them now.
        if (failure.code === 'database_unavailable') answeredAt = clock.now()
        else if (clock.now() - answeredAt > LEASE_MS) {
          await letGo()
          mustRelease = true
        }
      }
      await clock.sleep(HOLD_MS, signal).catch(() => undefined)
    }
    await Promise.all([...runs.keys()].map((id) => stop(id, false)))
    await controlPlane
      .release(name, 'all')
      .catch((error) => log.warn({ error: toSharpEyesError(error).message }, 'leases were not released'))
  }
  const ended = loop()
  return {
    runs,
    ended,
    get trouble() {
      return trouble
    },
  }
}

const notStarted = (camera: string, since: EpochMs, { code, message }: SharpEyesError): CameraStatus => ({
  ...{ camera, state: 'offline', since, attention: null, problem: `it cannot be started: ${message}` },
  trouble: told('not_started', { cause: code }),
  ...{ codec: null, width: null, height: null, lastFrameAt: null, unavailable: [] },
})
