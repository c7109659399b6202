import { freeBytes } from '../adapters/evidence-store/disk.ts'
import type { BusConsumer } from '../adapters/kafka/consumer.ts'
import type { SwitchingTransport } from '../adapters/transport/switching.ts'
import type { Health } from '../core/api/shapes.ts'
import { CATALOGUE, type HazardType } from '../core/catalogue.ts'
import { toSharpEyesError } from '../core/errors.ts'
import type { Clock, Database, Detector } from '../core/ports.ts'
import type { Spool } from '../ingest/spool/spool.ts'
import { VERSION } from './version.ts'
import type { CameraWorker } from './worker/worker.ts'

export type HealthPart = Health['parts'][number]
/** Looks at one thing and tells. A source that throws or takes too long is a part that is down. */
export interface HealthSource {
  readonly name: string
  read(): Promise<readonly HealthPart[]> | readonly HealthPart[]
}

const LIMIT_MS = 2_000
const LOW_DISK_BYTES = 2 << 30
const LAG_MS = 5_000

/** What works, part by part, with the reason where it does not. Nothing is called well that was not looked at. */
export async function readHealth(
  sources: readonly HealthSource[],
  { ready, clock }: { readonly ready: boolean; readonly clock: Clock },
): Promise<Health> {
  const parts = (await Promise.all(sources.map((source) => inTime(source, clock)))).flat()
  const bad = parts.some((part) => part.status === 'degraded' || part.status === 'down')
  return {
    status: !ready ? 'starting' : bad ? 'degraded' : 'ok',
    parts,
    version: VERSION,
    now: new Date(clock.now()).toISOString(),
  }
}

async function inTime({ name, read }: HealthSource, clock: Clock): Promise<readonly HealthPart[]> {
  const over = new AbortController()
  const late = clock.sleep(LIMIT_MS, over.signal).then(
    (): HealthPart[] => [{ name, status: 'down', detail: `no answer within ${LIMIT_MS / 1_000} s` }],
    (): HealthPart[] => [], // aborted: the answer came first
  )
  const answer = Promise.resolve()
    .then(read)
    .catch((error): HealthPart[] => [{ name, status: 'down', detail: toSharpEyesError(error).message }])
  try {
    return await Promise.race([answer, late])
  } finally {
    over.abort()
  }
}

const source = (name: string, read: HealthSource['read']): HealthSource => ({ name, read })

export const databaseHealth = (db: Database): HealthSource =>
  source('database', async () => {
    const { rows } = await db.query<{ version: string }>(
      "select current_setting('server_version') as version",
    )
    return [{ name: 'database', status: 'ok', detail: `PostgreSQL ${rows[0]?.version}` }]
  })

export const camerasHealth = (worker: CameraWorker): HealthSource =>
  source('cameras', () => {
    const status = [...worker.runs.values()].map((run) => run.status())
    const away = status.filter((s) => s.state !== 'online')
    const detail = `${status.length - away.length} of ${status.length} online`
    if (away.length === 0) return [{ name: 'cameras', status: 'ok', detail }]
    const named = away.slice(0, 5).map((s) => `${s.camera}: ${s.problem ?? s.state}`)
    return [{ name: 'cameras', status: 'degraded', detail: `${detail}. ${named.join('; ')}` }]
  })

/** Types that somebody asked for and nobody can see. */
export const analysisHealth = (detector: Detector | null, worker: CameraWorker): HealthSource =>
  source('analysis', () => {
    const missing = new Map<string, string>()
    for (const run of worker.runs.values())
      for (const { type, reason } of run.status().unavailable) missing.set(type, reason)
    const loaded = detector ? `${detector.model.id} (${detector.model.family})` : 'no model configured'
    if (missing.size === 0) return [{ name: 'analysis', status: 'ok', detail: loaded }]
    const named = [...missing].map(
      ([type, reason]) => `${CATALOGUE[type as HazardType].zh} ${type}: ${reason}`,
    )
    return [{ name: 'analysis', status: 'degraded', detail: `${loaded}. Not watched: ${named.join('; ')}` }]
  })

export const spoolHealth = (spool: Spool): HealthSource =>
  source('spool', () => [
    {
      name: 'spool',
      status: spool.state === 'ok' ? 'ok' : 'degraded',
      detail: `${spool.facts.records} waiting, ${spool.state}`,
    },
  ])

export const alertingHealth = (db: Database): HealthSource =>
  source('alerting', async () => {
    const { rows } = await db.query<{ dead: string; lost: string; letters: string; lag: number | null }>(
      `select (select count(*) from notifications where state = 'dead') as dead,
              (select count(*) from event_state where not ended and lost_at is not null) as lost,
              (select count(*) from dead_letters where replayed_at is null) as letters,
              (select extract(epoch from now() - min(at)) * 1000 from changes where pos is null)::float8 as lag`,
    )
    const { dead, lost, letters, lag } = rows[0] ?? { dead: '0', lost: '0', letters: '0', lag: null }
    const part = (name: string, bad: boolean, detail: string): HealthPart => ({
      name,
      status: bad ? 'degraded' : 'ok',
      detail,
    })
    return [
      part('notifications', dead !== '0', `${dead} dead`),
      part('events', lost !== '0' || letters !== '0', `${lost} lost, ${letters} dead letters`),
      part('change log', (lag ?? 0) > LAG_MS, `${Math.round(lag ?? 0)} ms behind`),
    ]
  })

export const diskHealth = (path: string): HealthSource =>
  source('disk', async () => {
    const free = await freeBytes(path)
    const detail = `${(free / 2 ** 30).toFixed(1)} GiB free in ${path}`
    return [{ name: 'disk', status: free < LOW_DISK_BYTES ? 'degraded' : 'ok', detail }]
  })

/** Which way events leave this worker. `null`: no bus is configured. */
export const transportHealth = (switching: SwitchingTransport | null): HealthSource =>
  source('transport', () => {
    if (!switching) return [{ name: 'transport', status: 'ok', detail: 'direct' }]
    const { way, since, error } = switching.state()
    if (way === 'kafka') return [{ name: 'transport', status: 'ok', detail: 'kafka' }]
    const detail = `direct since ${new Date(since).toISOString()}, because Kafka is away: ${error ?? ''}`
    return [{ name: 'transport', status: 'degraded', detail }]
  })

export const consumerHealth = (consumer: BusConsumer | null): HealthSource =>
  source('consumer', () =>
    (consumer?.state() ?? []).map(({ topic, state, error, partitions, restarts }) => ({
      name: `consumer ${topic}`,
      status: state === 'reading' ? 'ok' : 'degraded',
      detail: `${state}, ${partitions} partitions, ${restarts} restarts${error === null ? '' : `: ${error}`}`,
    })),
  )

export const notBuiltHealth = (notes: readonly string[]): HealthSource =>
  source('not built yet', () =>
    notes.map((detail) => ({ name: 'not built yet', status: 'not_built', detail })),
  )
