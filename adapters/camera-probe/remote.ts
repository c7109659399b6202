import { z } from 'zod'
import { type CameraProbed, probeShape } from '../../core/api/camera-setup.ts'
import { type CameraLogin, type CameraProbe, PROBE_LIMIT_MS } from '../../core/camera-setup.ts'
import { ERROR_TABLE, type ErrorCode, SharpEyesError } from '../../core/errors.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import type { LiveEndpoint, WorkerAddress } from '../live/line.ts'
import { PROBE_PATH } from './wire.ts'

/** A worker that is there answers in PROBE_LIMIT_MS. */
const SILENCE_MS = PROBE_LIMIT_MS + 10_000
/** A person waits: of many workers that cannot reach a camera so many are heard. */
const MOST_ASKED = 3
/** A masked picture has some hundred kilobytes. */
const MAX_BYTES = 8 << 20

const problemAnswer = z.object({ code: z.string(), detail: z.string() })

/**
 * Probes at the workers, in the order of `lookup` (who gets the next camera comes first), until one reaches the camera: the
 * camera may become each of theirs. `local`: the worker that is this process.
 */
export function createCameraProbes(deps: {
  readonly lookup: () => Promise<readonly WorkerAddress[]>
  readonly local: { readonly worker: string; readonly probe: CameraProbe } | null
  readonly log: Log
}): CameraProbe {
  const { local, log } = deps

  async function workers(): Promise<readonly WorkerAddress[]> {
    const known = await deps.lookup()
    if (!local || known.some(({ worker }) => worker === local.worker)) return known
    // It has only just started, and has not been heard of yet.
    return [...known, { worker: local.worker, endpoint: null }]
  }

  return {
    async probe(url, login, signal) {
      const unreached: { readonly worker: string; readonly said: CameraProbed }[] = []
      const away: string[] = []
      let failure: unknown = null
      const asked = async ({ worker, endpoint }: WorkerAddress): Promise<CameraProbed | null> => {
        if (worker === local?.worker) return local.probe.probe(url, login, signal)
        return endpoint && { ...(await askWorker(endpoint, url, login, signal)), worker }
      }
      for (const each of await workers()) {
        if (unreached.length >= MOST_ASKED) break
        try {
          const said = await asked(each)
          if (said === null) away.push(each.worker)
          else if (said.failure?.code === 'camera_unreachable') unreached.push({ worker: each.worker, said })
          else return { ...said, unreached: unreached.map(({ worker }) => worker) }
        } catch (error) {
          signal.throwIfAborted()
          if (error instanceof SharpEyesError && error.code !== 'not_ready') failure = error
          else away.push(each.worker)
          log.warn({ worker: each.worker, error: String(error) }, 'a worker could not look at a camera')
        }
      }
      const [first, ...others] = unreached
      if (first) return { ...first.said, unreached: others.map(({ worker }) => worker) }
      if (failure) throw failure
      throw new SharpEyesError(
        'no_worker',
        away.length > 0
          ? `no worker that could reach the camera can be asked; these cannot: ${away.sort().join(', ')} (they need WORKER_URL, an address that this process reaches)`
          : 'no worker that could reach the camera is connected',
      )
    },
  }
}

/** Throws `not_ready` when the worker is away or of another version; else what it threw itself. */
async function askWorker(
  { url: worker, secret }: LiveEndpoint,
  url: string,
  login: CameraLogin | null,
  signal: AbortSignal,
): Promise<CameraProbed> {
  const silent = AbortSignal.timeout(SILENCE_MS)
  try {
    const response = await fetch(`${worker}${PROBE_PATH}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ url, ...login }),
      signal: AbortSignal.any([signal, silent]),
      redirect: 'error',
    })
    const said: unknown = JSON.parse(await textOf(response))
    if (response.ok) return probeShape.parse(said)
    const problem = problemAnswer.safeParse(said)
    throw new SharpEyesError(
      problem.success ? codeOf(problem.data.code) : 'not_ready',
      problem.success ? problem.data.detail : `the worker answered ${response.status}`,
    )
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof SharpEyesError) throw error
    // Not its cause: what was sent has the login in it.
    throw new SharpEyesError('not_ready', 'the worker could not be asked, or gave no answer that is one')
  }
}

async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > MAX_BYTES)
      throw new SharpEyesError('not_ready', 'the worker sent an answer without end')
  }
  return text + decoder.decode()
}

/** Of what a worker says of itself; the rest of its words is about how it was asked. */
const OF_ITSELF: readonly string[] = ['too_many_requests', 'dependency_missing', 'internal']

const codeOf = (code: string): ErrorCode =>
  Object.hasOwn(ERROR_TABLE, code) && OF_ITSELF.includes(code) ? (code as ErrorCode) : 'not_ready'
