import { freeBytes } from '../adapters/evidence-store/disk.ts'
import type { Health } from '../core/api/shapes.ts'
import { CATALOGUE, type HazardType } from '../core/catalogue.ts'
import { toSharpEyesError } from '../core/errors.ts'
import type { Database, Detector } from '../core/ports.ts'
import type { Spool } from '../ingest/spool/spool.ts'
import { VERSION } from './version.ts'
import type { CameraWorker } from './worker/worker.ts'

type Part = Health['parts'][number]

const LOW_DISK_BYTES = 2 << 30
const LAG_MS = 5_000

/** What works, part by part, with the reason where it does not. Nothing is called well that was not looked at. */
export async function readHealth(deps: {
  readonly database: Database
  readonly worker: CameraWorker
  readonly spool: Spool
  readonly detector: Detector | null
  readonly dataPath: string
  readonly notBuilt: readonly string[]
  readonly ready: boolean
  readonly now: number
}): Promise<Health> {
  const parts: Part[] = [
    await database(deps.database),
    cameras(deps.worker),
    model(deps.detector, deps.worker),
    {
      name: 'spool',
      status: deps.spool.state === 'ok' ? 'ok' : 'degraded',
      detail: `${deps.spool.facts.records} waiting, ${deps.spool.state}`,
    },
    ...(await counted(deps.database)),
    await disk(deps.dataPath),
    { name: 'transport', status: 'ok', detail: 'direct' },
    ...deps.notBuilt.map((detail): Part => ({ name: 'not built yet', status: 'not_built', detail })),
  ]
  const bad = parts.some((part) => part.status === 'degraded' || part.status === 'down')
  return {
    status: !deps.ready ? 'starting' : bad ? 'degraded' : 'ok',
    parts,
    version: VERSION,
    now: new Date(deps.now).toISOString(),
  }
}

async function database(db: Database): Promise<Part> {
  try {
    const { rows } = await db.query<{ version: string }>(
      "select current_setting('server_version') as version",
    )
    return { name: 'database', status: 'ok', detail: `PostgreSQL ${rows[0]?.version}` }
  } catch (error) {
    return { name: 'database', status: 'down', detail: toSharpEyesError(error).message }
  }
}

function cameras(worker: CameraWorker): Part {
  const status = [...worker.runs.values()].map((run) => run.status())
  const away = status.filter((s) => s.state !== 'online')
  const detail = `${status.length - away.length} of ${status.length} online`
  if (away.length === 0) return { name: 'cameras', status: 'ok', detail }
  const named = away.slice(0, 5).map((s) => `${s.camera}: ${s.problem ?? s.state}`)
  return { name: 'cameras', status: 'degraded', detail: `${detail}. ${named.join('; ')}` }
}

/** Types that somebody asked for and nobody can see. */
function model(detector: Detector | null, worker: CameraWorker): Part {
  const missing = new Map<string, string>()
  for (const run of worker.runs.values())
    for (const { type, reason } of run.status().unavailable) missing.set(type, reason)
  const loaded = detector ? `${detector.model.id} (${detector.model.family})` : 'no model configured'
  if (missing.size === 0) return { name: 'analysis', status: 'ok', detail: loaded }
  const named = [...missing].map(([type, reason]) => `${CATALOGUE[type as HazardType].zh} ${type}: ${reason}`)
  return { name: 'analysis', status: 'degraded', detail: `${loaded}. Not watched: ${named.join('; ')}` }
}

async function counted(db: Database): Promise<Part[]> {
  try {
    const { rows } = await db.query<{ dead: string; lost: string; letters: string; lag: number | null }>(
      `select (select count(*) from notifications where state = 'dead') as dead,
              (select count(*) from event_state where not ended and lost_at is not null) as lost,
              (select count(*) from dead_letters where replayed_at is null) as letters,
              (select extract(epoch from now() - min(at)) * 1000 from changes where pos is null)::float8 as lag`,
    )
    const { dead, lost, letters, lag } = rows[0] ?? { dead: '0', lost: '0', letters: '0', lag: null }
    const part = (name: string, bad: boolean, detail: string): Part => ({
      name,
      status: bad ? 'degraded' : 'ok',
      detail,
    })
    return [
      part('notifications', dead !== '0', `${dead} dead`),
      part('events', lost !== '0' || letters !== '0', `${lost} lost, ${letters} dead letters`),
      part('change log', (lag ?? 0) > LAG_MS, `${Math.round(lag ?? 0)} ms behind`),
    ]
  } catch {
    return [] // the database's own part has said it
  }
}

async function disk(path: string): Promise<Part> {
  const free = await freeBytes(path)
  const detail = `${(free / 2 ** 30).toFixed(1)} GiB free in ${path}`
  return { name: 'disk', status: free < LOW_DISK_BYTES ? 'degraded' : 'ok', detail }
}
