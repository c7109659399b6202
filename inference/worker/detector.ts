import { SharpEyesError, toSharpEyesError } from '../../core/errors.ts'
import type { Detection, Frame, ModelIdentity } from '../../core/frame.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Detector } from '../../core/ports/detector.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { ModelSpec } from '../model/spec.ts'
import { createSchedule } from '../schedule/schedule.ts'
import { type InferenceWorker, startInferenceWorker } from './inference-worker.ts'
import { createPool } from './pool.ts'

const DEFAULT_TIMEOUT_MS = 30_000
/** Frames that may wait, over all cameras; far above the cameras one worker can decode. */
const MOST_WAITING = 1_024

/** A detector with its worker threads. It must be stopped: a process that exits under a running session is aborted. */
export interface RunningDetector extends Detector {
  readonly spec: ModelSpec
  /** The same model with the classes that the site does not use; absent: it uses all. */
  readonly unfiltered?: Detector
  /**
   * Every frame of a file, in order, none dropped: takes the next frame only when a worker will soon be free. Throws what
   * `frames` throws and the first failure of the model.
   */
  detectAll(
    frames: AsyncIterable<Frame>,
  ): AsyncGenerator<{ readonly frame: Frame; readonly detections: readonly Detection[] }>
  /** Lets runs finish, refuses what waits with `not_ready`, and waits until every thread is gone. Idempotent. */
  stop(): Promise<void>
}

export interface DetectorOptions {
  /** An ONNX file (its manifest or sidecar is looked for beside it), or a manifest. */
  readonly modelFile: string
  readonly manifestFile?: string
  /** Worker threads, each with its own copy of the model (15–40 MB); 1 by default. */
  readonly threads?: number
  /** Lowest score to report, 0..1; by default the model's own. A two-stage tracker asks for weaker ones, too. */
  readonly minScore?: number
  /** From the call to the answer, waiting included. */
  readonly timeoutMs?: number
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** How a worker is started; `sha256` is null for the first, which learns it. */
  readonly startWorker?: (sha256: string | null) => InferenceWorker
}

interface Job {
  readonly frame: Frame
  readonly settled: AbortController
  resolve(detections: readonly Detection[] | null): void
  reject(error: SharpEyesError): void
  running: { worker: InferenceWorker; answered: Promise<unknown> } | null
}

/** Loads the model (it proves itself by trial runs) and starts the threads. Throws `model_invalid` with the way out. */
export async function createDetector(options: DetectorOptions): Promise<RunningDetector> {
  const { modelFile, manifestFile, clock, log, metrics } = options
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const threads = Math.max(1, Math.floor(options.threads ?? 1))
  const startWorker =
    options.startWorker ??
    ((sha256: string | null) =>
      startInferenceWorker(
        {
          modelFile,
          ...(manifestFile === undefined ? {} : { manifestFile }),
          ...(sha256 === null ? {} : { sha256 }),
        },
        options.minScore ?? null,
      ))

  const first = startWorker(null)
  const spec = await first.ready
  const model: ModelIdentity = { id: spec.id, family: spec.family, sha256: spec.sha256 }
  const labels = { model: spec.id }
  const schedule = createSchedule<Job>(MOST_WAITING)
  let stopped: Promise<void> | null = null

  const settle = (job: Job, result: string, outcome: readonly Detection[] | null | SharpEyesError): void => {
    if (job.settled.signal.aborted) return
    job.settled.abort()
    metrics.count('inference_frames_total', { ...labels, result })
    if (outcome instanceof SharpEyesError) job.reject(outcome)
    else job.resolve(outcome)
  }

  const failed = (job: Job, reason: string): SharpEyesError =>
    new SharpEyesError(
      'model_failed',
      `model ${spec.id} failed on a frame of ${job.frame.cameraId}: ${reason}`,
    )

  const run = (job: Job, worker: InferenceWorker): void => {
    const answered = worker.detect(job.frame).then(
      ({ detections, ms }) => {
        metrics.observe('inference_seconds', labels, ms / 1000)
        settle(job, 'ok', detections)
      },
      (error: unknown) => settle(job, 'error', failed(job, toSharpEyesError(error).message)),
    )
    job.running = { worker, answered }
    // After a time-out the pool has the worker already.
    void answered.then(() => job.running && pool.giveBack(worker))
  }

  const pump = (): void => {
    while (schedule.waiting > 0) {
      const worker = pool.borrow()
      if (!worker) break
      const job = schedule.take()
      if (job) run(job, worker)
    }
    metrics.gauge('inference_waiting', labels, schedule.waiting)
  }

  const onTimeout = (job: Job): void => {
    if (job.settled.signal.aborted) return
    const { running } = job
    job.running = null
    if (running) pool.abandon(running.worker, running.answered)
    else schedule.withdraw(job)
    const reason = running ? 'its run took longer than' : 'no worker was free for'
    settle(job, 'timeout', failed(job, `${reason} ${timeoutMs / 1000} s`))
  }

  const submit = (frame: Frame, enter: (job: Job) => void): Promise<readonly Detection[] | null> =>
    new Promise((resolve, reject) => {
      const job: Job = { frame, settled: new AbortController(), resolve, reject, running: null }
      if (stopped !== null) throw stopping()
      if (pool.problem !== null) {
        settle(job, 'error', failed(job, `no inference worker is alive: ${pool.problem}`))
        return
      }
      try {
        enter(job)
      } catch (error) {
        settle(job, 'refused', toSharpEyesError(error))
        return
      }
      clock.sleep(timeoutMs, job.settled.signal).then(
        () => onTimeout(job),
        () => undefined,
      )
      pump()
    })

  const stopping = () => new SharpEyesError('not_ready', `the detector of model ${spec.id} is stopping`)

  const pool = createPool({
    threads,
    first,
    start: () => startWorker(spec.sha256),
    clock,
    log,
    metrics,
    labels,
    onFree: () => pump(),
    onEmpty(problem) {
      for (const job of schedule.drain()) {
        settle(job, 'error', failed(job, `no inference worker is alive: ${problem}`))
      }
    },
  })
  await pool.full
  log.info(
    { ...model, threads, labels: spec.labels.length, describedBy: spec.describedBy, notes: spec.notes },
    'model loaded and tried',
  )

  return {
    model,
    spec,
    labels: spec.labels,
    operatingPoints: spec.thresholds.byLabel,
    busy: () => schedule.waiting > 0,
    detect: (frame) =>
      submit(frame, (job) => {
        const older = schedule.offer(frame.cameraId, job)
        if (older) settle(older, 'dropped', null)
      }),
    detectAll: (frames) =>
      inOrder(frames, threads * 2, async (frame) => {
        const detections = await submit(frame, (job) => schedule.keep(job))
        if (detections === null) throw new SharpEyesError('internal', 'a kept frame was dropped')
        return { frame, detections }
      }),
    stop() {
      stopped ??= (async () => {
        for (const job of schedule.drain()) settle(job, 'stopped', stopping())
        await pool.stop()
      })()
      return stopped
    },
  }
}

/** Works on up to `ahead` items at once and gives the results in the order of the items. */
async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  type Outcome = { readonly ok: true; readonly value: R } | { readonly ok: false; readonly error: unknown }
  // Each outcome is caught at once: one that fails while it waits for its turn is not an unhandled rejection.
  const line: Promise<Outcome>[] = []
  const next = async (): Promise<R> => {
    const outcome = await (line.shift() as Promise<Outcome>)
    if (!outcome.ok) throw outcome.error
    return outcome.value
  }
  try {
    for await (const item of items) {
      line.push(
        work(item).then(
          (value): Outcome => ({ ok: true, value }),
          (error: unknown): Outcome => ({ ok: false, error }),
        ),
      )
      if (line.length >= ahead) yield await next()
    }
    while (line.length > 0) yield await next()
  } finally {
    await Promise.all(line)
  }
}
