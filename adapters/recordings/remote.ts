import { z } from 'zod'
import { SharpEyesError } from '../../core/errors.ts'
import type { EvidenceSource } from '../../core/ports/evidence.ts'
import type { RecordedStretch, RecordingSource } from '../../core/ports/recordings.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import { decodePart } from '../../core/recording-wire.ts'
import type { LiveEndpoint, WorkerAddress } from '../live/line.ts'
import { recordingPath } from './wire.ts'

/** What is asked of the recordings; pinning keeps what is wanted until its clip is made. */
export type Recordings = RecordingSource & Pick<EvidenceSource, 'pin'>

export type RecordingHolder = WorkerAddress

const CALL_LIMIT_MS = 10_000
/** A part of a recording has at most some tens of megabytes; the head of it some kilobytes. */
const MAX_BYTES = 64 << 20

const rangesAnswer = z.object({
  stretches: z.array(z.object({ connection: z.number(), from: z.number(), to: z.number() })),
})
const problemAnswer = z.object({ code: z.string(), detail: z.string() })

/**
 * Recordings on the disks of the workers that held a camera. `lookup`: who held it in a span, the newest first; `local`:
 * the worker that is this process.
 */
export function createRecordings(deps: {
  readonly lookup: (camera: string, from: number, to: number) => Promise<readonly RecordingHolder[]>
  readonly local: { readonly worker: string; readonly recordings: Recordings } | null
  readonly log: Log
  readonly metrics: Metrics
}): Recordings {
  const { local, log, metrics } = deps

  const sourceOf = ({ worker, endpoint }: RecordingHolder): Recordings | null => {
    if (worker === local?.worker) return local.recordings
    return endpoint && askWorker(endpoint)
  }
  /** The first answer that is one. A worker that fails is passed over; only when nobody has an answer its failure is told. */
  async function firstOf<T>(
    camera: string,
    at: number,
    ask: (source: Recordings) => Promise<T | null>,
  ): Promise<T | null> {
    let failure: unknown = null
    for (const holder of await deps.lookup(camera, at, at + 1)) {
      try {
        const answer = await sourceOf(holder)
        const found = answer && (await ask(answer))
        if (found) return found
      } catch (error) {
        failure = error
        tell(camera, holder.worker, error)
      }
    }
    if (failure) throw failure
    return null
  }
  const tell = (camera: string, worker: string, error: unknown) => {
    metrics.count('recordings_failed_total')
    log.warn({ camera, worker, error: String(error) }, 'a worker did not give a recording')
  }

  return {
    async ranges(camera, from, to) {
      const holders = await deps.lookup(camera, from, to)
      const away: string[] = []
      const found: RecordedStretch[] = []
      await Promise.all(
        holders.map(async (holder) => {
          const source = sourceOf(holder)
          try {
            if (source) found.push(...(await source.ranges(camera, from, to)).stretches)
            else away.push(holder.worker)
          } catch (error) {
            tell(camera, holder.worker, error)
            away.push(holder.worker)
          }
        }),
      )
      return { stretches: found.sort((a, b) => a.from - b.from), away: away.sort() }
    },
    read: (camera, at, lengthMs) => firstOf(camera, at, (source) => source.read(camera, at, lengthMs)),
    picture: (camera, at, width) => firstOf(camera.id, at, (source) => source.picture(camera, at, width)),
    async pin(pinId, camera, from, to) {
      const [holder] = await deps.lookup(camera, from, from + 1)
      const source = holder && sourceOf(holder)
      if (!source) throw new SharpEyesError('not_ready', `no worker that can be asked has camera ${camera}`)
      await source.pin(pinId, camera, from, to)
    },
  }
}

function askWorker({ url, secret }: LiveEndpoint): Recordings {
  const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(`${url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(CALL_LIMIT_MS),
      redirect: 'error',
    })
    if (response.ok) return response
    const said = problemAnswer.safeParse(await response.json().catch(() => null))
    const text = said.success ? said.data.detail : `the worker answered ${response.status}`
    throw new SharpEyesError(response.status === 429 ? 'too_many_requests' : 'not_ready', text)
  }
  const bytesOf = async (response: Response): Promise<Uint8Array<ArrayBuffer>> => {
    const length = Number(response.headers.get('content-length'))
    if (!(length <= MAX_BYTES)) throw new SharpEyesError('not_ready', `a worker sent ${length} bytes at once`)
    return new Uint8Array(await response.arrayBuffer())
  }
  return {
    async ranges(camera, from, to) {
      const response = await call(`${recordingPath(camera, 'ranges')}?from=${from}&to=${to}`)
      return { stretches: rangesAnswer.parse(await response.json()).stretches, away: [] }
    },
    async read(camera, at, lengthMs) {
      const response = await call(`${recordingPath(camera, 'part')}?at=${at}&ms=${lengthMs}`)
      return response.status === 204 ? null : decodePart(await bytesOf(response))
    },
    async picture(camera, at, width) {
      const response = await call(`${recordingPath(camera.id, 'picture')}?at=${at}&width=${width}`, {
        method: 'POST',
        body: JSON.stringify(camera),
      })
      const capturedAt = Number(response.headers.get('x-captured-at'))
      if (response.status === 204 || !Number.isFinite(capturedAt)) return null
      return { jpeg: await bytesOf(response), capturedAt }
    },
    async pin(pinId, camera, from, to) {
      const end = to === undefined ? '' : `&to=${to}`
      await call(`${recordingPath(camera, 'pin')}?pin=${encodeURIComponent(pinId)}&from=${from}${end}`, {
        method: 'POST',
      })
    },
  }
}
