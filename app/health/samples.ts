import type { MetricsRegistry, Sample } from '../../adapters/metrics.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Spool } from '../../ingest/spool/spool.ts'
import type { SlowLive } from '../worker/slow-live.ts'
import type { CameraWorker } from '../worker/worker.ts'

/** Gauges of a worker that are read when somebody scrapes: ages grow, and cameras that went elsewhere are gone. */
export function sampleWorker(
  metrics: MetricsRegistry,
  deps: {
    readonly worker: CameraWorker
    readonly spool: Spool
    readonly slow: Pick<SlowLive, 'facts'>
    readonly clock: Clock
  },
): void {
  const { worker, spool, slow, clock } = deps
  const age = (at: number) => Math.max(0, clock.now() - at) / 1_000
  const status = () => [...worker.runs.values()].map((run) => run.status())
  metrics.sampled('camera_online', () =>
    status().map(({ camera, state }): Sample => [{ camera }, state === 'online' ? 1 : 0]),
  )
  metrics.sampled('camera_last_frame_age_seconds', () =>
    status().flatMap(({ camera, lastFrameAt }): Sample[] =>
      lastFrameAt === null ? [] : [[{ camera }, age(lastFrameAt)]],
    ),
  )
  metrics.sampled('live_transcode_cores', () => {
    const { cores } = slow.facts()
    return cores === null ? [] : [[{}, cores]]
  })
  metrics.sampled('spool_oldest_seconds', () => [[{}, age(spool.facts.oldestAt ?? clock.now())]])
  metrics.sampled('spool_readings_oldest_seconds', () => [
    [{}, age(spool.readings.facts.oldestAt ?? clock.now())],
  ])
}

/** Of the whole city, read from the database; every process with one says the same. */
export function sampleCity(metrics: MetricsRegistry, database: Database): void {
  const counted = async (sql: string) => {
    const { rows } = await database.query<{ n: number }>(sql)
    return rows.map(({ n }): Sample => [{}, n])
  }
  metrics.sampled('cameras_configured', () =>
    counted("select count(*)::int as n from config_objects where kind = 'camera' and removed_at is null"),
  )
  metrics.sampled('cameras_covered', () =>
    counted(
      `select count(*)::int as n from config_objects c
         join camera_leases l on l.camera = c.id and l.until > now()
         join camera_status s on s.camera = c.id and s.worker = l.worker and s.status ->> 'state' = 'online'
        where c.kind = 'camera' and c.removed_at is null`,
    ),
  )
}
