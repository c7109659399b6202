import { toSharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { InferenceWorker } from './inference-worker.ts'

const FIRST_BACKOFF_MS = 1_000
const LONGEST_BACKOFF_MS = 30_000
/** How long a worker that no longer answers may hold up `stop`. */
const STOP_GRACE_MS = 10_000

/** Keeps a number of workers alive and lends each to one call at a time. */
export interface Pool {
  /** Workers that are loaded, lent or not. */
  readonly alive: number
  /** Resolves when every place has loaded its first worker, or failed to (that is logged and tried again). */
  readonly full: Promise<void>
  /** Why no worker could be started; null while one is loaded or on its way. */
  readonly problem: string | null
  borrow(): InferenceWorker | null
  giveBack(worker: InferenceWorker): void
  /** Gives up on a lent worker that did not answer in time: another takes its place, and it is stopped (never
   * terminated) once `answered` settles. At most as many as there are places may be late; then the place waits. */
  abandon(worker: InferenceWorker, answered: Promise<unknown>): void
  stop(): Promise<void>
}

export interface PoolDeps {
  readonly threads: number
  /** Loaded already: the first place. */
  readonly first: InferenceWorker
  readonly start: () => InferenceWorker
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly labels: Record<string, string>
  /** A worker is free. */
  readonly onFree: () => void
  /** The last worker is gone and could not be replaced at once. */
  readonly onEmpty: (problem: string) => void
}

export function createPool(deps: PoolDeps): Pool {
  const { threads, clock, log, metrics, labels } = deps
  const loaded = new Set<InferenceWorker>()
  const free: InferenceWorker[] = []
  /** Every thread that is not gone: loading, lent, free or late. */
  const running = new Set<InferenceWorker>()
  const late = new Set<InferenceWorker>()
  /** Ends a place's wait for its worker. */
  const replace = new Map<InferenceWorker, (why: string) => void>()
  const proven = new WeakSet<InferenceWorker>()
  const stopping = new AbortController()
  let problem: string | null = null

  const giveBack = (worker: InferenceWorker): void => {
    if (!loaded.has(worker) || !worker.alive) return
    proven.add(worker)
    free.push(worker)
    deps.onFree()
  }

  const remove = (worker: InferenceWorker): void => {
    loaded.delete(worker)
    replace.delete(worker)
    const at = free.indexOf(worker)
    if (at >= 0) free.splice(at, 1)
    metrics.gauge('inference_workers', labels, loaded.size)
  }

  /** Loads one worker, lends it until it is gone or given up, and says why it ended. */
  const runOnce = async (worker: InferenceWorker): Promise<string> => {
    try {
      await worker.ready
    } catch (error) {
      return toSharpEyesError(error).message
    }
    const replaced = Promise.withResolvers<string>()
    loaded.add(worker)
    replace.set(worker, replaced.resolve)
    problem = null
    metrics.gauge('inference_workers', labels, loaded.size)
    free.push(worker)
    deps.onFree()
    const why = await Promise.race([worker.gone, replaced.promise])
    remove(worker)
    return why
  }

  const track = (worker: InferenceWorker): InferenceWorker => {
    running.add(worker)
    void worker.gone.then(() => running.delete(worker))
    return worker
  }

  const run = async (first: InferenceWorker): Promise<void> => {
    let worker = first
    let failures = 0
    for (;;) {
      const why = await runOnce(worker)
      if (stopping.signal.aborted) return
      failures = proven.has(worker) ? 1 : failures + 1
      metrics.count('inference_worker_restarts_total', labels)
      log.error({ ...labels, why, failures }, 'inference worker lost, starting another')
      // The first time at once, and calls wait for it: one crash must not cost a camera a second.
      const wait = failures < 2 ? 0 : Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 2))
      if (wait > 0 && loaded.size === 0) {
        problem = why
        deps.onEmpty(why)
      }
      if (wait > 0) await clock.sleep(wait, stopping.signal).catch(() => undefined)
      if (stopping.signal.aborted) return
      worker = track(deps.start())
    }
  }

  const places = [run(track(deps.first))]
  for (let i = 1; i < threads; i++) places.push(run(track(deps.start())))

  const full = Promise.allSettled([...running].map((worker) => worker.ready)).then(() => undefined)

  return {
    full,
    get alive() {
      return loaded.size
    },
    get problem() {
      return problem
    },
    borrow() {
      // A worker may have died since it was given back: its place learns of it a moment later.
      for (;;) {
        const worker = free.shift()
        if (!worker || worker.alive) return worker ?? null
      }
    },
    giveBack,
    abandon(worker, answered) {
      const afterwards = (then: () => void) => answered.then(then, then)
      if (late.size >= threads || !replace.has(worker)) {
        void afterwards(() => giveBack(worker))
        return
      }
      late.add(worker)
      replace.get(worker)?.('a run took longer than its time-out')
      void afterwards(() => {
        late.delete(worker)
        return worker.stop()
      })
    },
    async stop() {
      stopping.abort()
      const grace = new AbortController()
      const gone = Promise.all([...[...running].map((worker) => worker.stop()), ...places])
      const tooLate = clock.sleep(STOP_GRACE_MS, grace.signal).then(
        () =>
          log.error({ ...labels, workers: running.size }, 'inference workers still run; leaving them behind'),
        () => undefined,
      )
      await Promise.race([gone, tooLate])
      grace.abort()
    },
  }
}
