import { toSharpEyesError } from '../../core/errors.ts'
import type { CameraStatus, ControlPlane, HeldCamera, Holding, WorkerFacts } from '../../core/ports.ts'
import type { OpenEvents } from '../../ingest/spool/open-events.ts'
import type { CameraRun, CameraRunDeps } from './camera-run.ts'
import { startCameraRun } from './camera-run.ts'

const HOLD_MS = 5_000
/** A lease that could not be renewed for so long is another's (DESIGN section 2: lost after 20 s). */
const LEASE_MS = 20_000
const MAX_REMEMBERED = 10_000

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
  let mustRelease = false
  let answeredAt = clock.now()

  const status = (): CameraStatus[] => [...runs.values()].map((run) => run.status())

  const start = async (held: HeldCamera, timezone: string): Promise<void> => {
    await openEvents.adopt(held.camera.id, held.epoch, () => controlPlane.openEvents(held.camera.id))
    runs.set(held.camera.id, await startCameraRun({ ...deps, held, timezone, onRing }))
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

  const letGo = async (): Promise<void> => {
    for (const id of [...runs.keys()]) {
      await stop(id, false)
      await openEvents.forget(id)
    }
  }

  const reconcile = async (): Promise<void> => {
    const holding = await controlPlane.hold(facts, capacity, status())
    const { cameras, left, city, strays } = holding
    const held = new Map(cameras.map((camera) => [camera.camera.id, camera]))
    answeredAt = clock.now()
    deps.onHolding?.(holding)
    for (const [id, run] of [...runs]) {
      const now = held.get(id)
      const same = now && now.epoch === run.held.epoch && now.version === run.held.version
      if (same && run.timezone === city.timezone) continue
      log.info(
        { camera: id, held: now !== undefined },
        now ? 'the camera starts anew: its configuration or lease changed' : 'the camera is let go',
      )
      await stop(id, left.includes(id))
      if (!now && !left.includes(id)) await openEvents.forget(id)
    }
    for (const camera of new Set(strays.filter(isNew).map((stray) => stray.camera))) {
      log.info({ camera }, 'the camera starts anew: it takes over events that a former worker sent late')
      await stop(camera, false)
    }
    for (const [id, camera] of held) if (!runs.has(id)) await start(camera, city.timezone)
    metrics.gauge('cameras_held', {}, runs.size)
  }

  const loop = async (): Promise<void> => {
    // A new process is a new holding: whatever an earlier one with this name held gets a new epoch.
    await controlPlane
      .release(name, 'all')
      .catch((error) => log.warn({ error: toSharpEyesError(error).message }, 'leases were not released'))
    while (!signal.aborted) {
      try {
        // Under the epoch of before, messages would begin again at 1 and count as stale.
        if (mustRelease) await controlPlane.release(name, 'all')
        mustRelease = false
        await reconcile()
      } catch (error) {
        const failure = toSharpEyesError(error)
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
  return { runs, ended: loop() }
}
