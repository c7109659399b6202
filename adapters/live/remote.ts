import type { LiveFormat, LiveSource } from '../../core/live.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { LiveEndpoint } from './line.ts'
import { startUpstream, type Upstream, type UpstreamTuning } from './upstream.ts'
import { stillPath } from './wire.ts'

type Still = Awaited<ReturnType<LiveSource['still']>>

/** Cut, decoded and masked at the worker; on a busy machine that takes its time. */
const STILL_LIMIT_MS = 10_000
const TUNING: UpstreamTuning = { lingerMs: 15_000, checkMs: 5_000, silenceMs: 15_000 }

/**
 * Live views of cameras that other processes hold. One line a camera, shared by all viewers of this process; it follows
 * the camera from worker to worker. `lookup`: where the camera's worker is now; null: nobody holds it.
 */
export function createRemoteLiveSource(deps: {
  readonly lookup: (camera: string) => Promise<LiveEndpoint | null>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly tuning?: Partial<UpstreamTuning>
}): LiveSource & AsyncDisposable {
  const { lookup, log, metrics } = deps
  const tuning = { ...TUNING, ...deps.tuning }
  const upstreams = new Map<string, Upstream>()
  const asked = new Map<string, Promise<Still>>()

  const upstreamOf = (camera: string, format: LiveFormat): Upstream => {
    const key = `${format} ${camera}`
    const known = upstreams.get(key)
    if (known && !known.stopped) return known
    const upstream = startUpstream({ ...deps, camera, format, tuning })
    upstreams.set(key, upstream)
    metrics.gauge('live_upstreams', {}, upstreams.size)
    void upstream.ended.finally(() => {
      if (upstreams.get(key) === upstream) upstreams.delete(key)
      metrics.gauge('live_upstreams', {}, upstreams.size)
    })
    return upstream
  }

  const ask = async (camera: string): Promise<Still> => {
    const endpoint = await lookup(camera)
    if (!endpoint) return null
    const response = await fetch(`${endpoint.url}${stillPath(camera)}`, {
      headers: { authorization: `Bearer ${endpoint.secret}` },
      signal: AbortSignal.timeout(STILL_LIMIT_MS),
      redirect: 'error',
    })
    const capturedAt = Number(response.headers.get('x-captured-at'))
    const jpeg = new Uint8Array(await response.arrayBuffer())
    if (!response.ok || !Number.isFinite(capturedAt)) return null
    return { jpeg, capturedAt }
  }

  return {
    open: (camera, viewer, format = 'source') => upstreamOf(camera, format).join(viewer),
    still(camera) {
      // Many pages ask for the same newest picture at once: the worker makes it once.
      const running = asked.get(camera)
      if (running !== undefined) return running
      const answer = ask(camera)
        .catch((error: unknown) => {
          metrics.count('live_stills_failed_total')
          log.warn({ camera, error: String(error) }, 'the worker of a camera gave no picture')
          return null
        })
        .finally(() => asked.delete(camera))
      asked.set(camera, answer)
      return answer
    },
    async [Symbol.asyncDispose]() {
      const all = [...upstreams.values()]
      for (const upstream of all) upstream.stop()
      await Promise.all(all.map((upstream) => upstream.ended))
    },
  }
}
