import type { CameraProbed } from '../../core/api/camera-setup.ts'
import { type CameraProbe, isUnanswered, PROBES_LIMIT_MS, type ProbeHiding } from '../../core/camera-setup.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import type { DurationMs } from '../../core/units.ts'
import type { WorkerAddress } from '../live/line.ts'
import { type Asked, askWorker, type Unasked } from './ask-worker.ts'

/** A person waits: so many workers are heard that cannot reach a camera, or are waited for in vain. */
const MOST_ASKED = 3

/**
 * Probes at the workers, in the order of `lookup` (who gets the next camera comes first), until one reaches the camera: the
 * camera may become each of theirs. `local`: the worker that is this process.
 */
export function createCameraProbes(deps: {
  readonly lookup: () => Promise<readonly WorkerAddress[]>
  readonly local: { readonly worker: string; readonly probe: CameraProbe } | null
  readonly log: Log
  /** For all that are asked. */
  readonly limitMs?: DurationMs
}): CameraProbe {
  const { local, log, limitMs = PROBES_LIMIT_MS } = deps

  async function workers(): Promise<readonly WorkerAddress[]> {
    const known = await deps.lookup()
    if (!local || known.some(({ worker }) => worker === local.worker)) return known
    // It has only just started, and has not been heard of yet.
    return [...known, { worker: local.worker, endpoint: null }]
  }

  async function ask(
    { worker, endpoint }: WorkerAddress,
    asked: Asked,
    signal: AbortSignal,
  ): Promise<CameraProbed | Unasked> {
    if (worker === local?.worker) return local.probe.probe(asked.url, asked.login, signal, asked.hide)
    if (!endpoint) return 'no_address'
    const said = await askWorker(endpoint, asked, signal)
    return typeof said === 'string' ? said : { ...said, worker }
  }

  return {
    async probe(url, login, signal, hide?: ProbeHiding) {
      const unreached: { readonly worker: string; readonly said: CameraProbed }[] = []
      const unasked: { readonly worker: string; readonly why: Unasked }[] = []
      let failure: unknown = null
      const late = AbortSignal.timeout(limitMs)
      const waiting = [...(await workers())]
      const isEnough = () =>
        late.aborted || unreached.length + unasked.filter(({ why }) => why === 'silent').length >= MOST_ASKED
      for (let each = waiting.shift(); each; each = isEnough() ? undefined : waiting.shift()) {
        const { worker } = each
        try {
          const said = await ask(each, { url, login, hide }, AbortSignal.any([signal, late]))
          if (typeof said === 'string') {
            unasked.push({ worker, why: said })
            log.warn({ worker, why: said }, 'a worker could not be asked to look at a camera')
          } else if (said.failure && isUnanswered(said.failure.code, said.failure.cause))
            unreached.push({ worker, said })
          else return { ...said, unreached: unreached.map((other) => other.worker) }
        } catch (error) {
          signal.throwIfAborted()
          if (late.aborted) unasked.push({ worker, why: 'silent' })
          else failure = error
          log.warn({ worker, error: String(error) }, 'a worker could not look at a camera')
        }
      }
      const [first, ...others] = unreached
      if (first) return { ...first.said, unreached: others.map(({ worker }) => worker) }
      if (failure) throw failure
      throw new SharpEyesError('no_worker', whyNobody(unasked, waiting.length, limitMs))
    },
  }
}

function whyNobody(
  unasked: readonly { readonly worker: string; readonly why: Unasked }[],
  left: number,
  limitMs: DurationMs,
): string {
  if (unasked.length === 0) return 'no worker that could reach the camera is connected'
  const reasons: Readonly<Record<Unasked, string>> = {
    no_address: 'without WORKER_URL, an address that this process reaches',
    silent: `no answer in time (${limitMs / 1_000} s for all; this process has to reach their WORKER_URL)`,
    other_secret: 'refused this process (another worker answers at their WORKER_URL)',
    other_version: 'of another version, or something else answers at their WORKER_URL',
  }
  const said = Object.entries(reasons).flatMap(([why, reason]) => {
    const names = unasked.filter((each) => each.why === why).map(({ worker }) => worker)
    return names.length > 0 ? [`${reason}: ${names.sort().join(', ')}`] : []
  })
  const more = left > 0 ? `; ${left} more were not asked, since a person waits` : ''
  return `no worker that could reach the camera can be asked: ${said.join('; ')}${more}`
}
