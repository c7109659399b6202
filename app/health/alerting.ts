import { readHistoryHealth } from '../../alerts/history/health.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import { atMostEvery, type HealthSource, listed, named, poor, source, well } from './part.ts'

const LAG_MS = 5_000
/** A notification that is due for so long: nobody sends. */
const LATE_S = 120
const SKEW_MS = 2_000
const HISTORY_EVERY_MS = 60_000

/** Notifications, events and the change log, as the database has them. */
export const alertingHealth = (db: Database): HealthSource =>
  source('alerting', async () => {
    const { rows } = await db.query<Record<'dead' | 'late' | 'lost' | 'letters' | 'lag', number>>(
      `select (select count(*) from notifications where state = 'dead')::int as dead,
              (select count(*) from notifications
                where state = 'queued' and next_attempt_at < now() - make_interval(secs => ${LATE_S}))::int as late,
              (select count(*) from event_state where not ended and lost_at is not null)::int as lost,
              (select count(*) from dead_letters where replayed_at is null)::int as letters,
              coalesce((select extract(epoch from now() - min(at)) * 1000 from changes where pos is null), 0)::float8 as lag`,
    )
    const { dead = 0, late = 0, lost = 0, letters = 0, lag = 0 } = rows[0] ?? {}
    const ms = Math.max(0, Math.round(lag))
    return [
      late > 0
        ? poor('notifications', 'late', `${late} are due and not sent, ${dead} dead`, { late, dead })
        : dead > 0
          ? poor('notifications', 'dead', `${dead} dead: send them again on the alert's or case's page`, {
              dead,
            })
          : well('notifications', '0 dead', { dead }),
      letters > 0
        ? poor('events', 'dead_letters', `${lost} lost, ${letters} dead letters`, { lost, letters })
        : lost > 0
          ? poor('events', 'lost', `${lost} lost, ${letters} dead letters`, { lost, letters })
          : well('events', '0 lost, 0 dead letters', { lost, letters }),
      ms > LAG_MS
        ? poor('change log', 'behind', `${ms} ms behind`, { ms })
        : well('change log', `${ms} ms behind`, { ms }),
    ]
  })

/** Sensors that are silent or broken, and those that were never heard. */
export const sensorsHealth = (db: Database): HealthSource =>
  source('sensors', async () => {
    const { rows } = await db.query<{ all: number; faulty: string[]; never: string[] }>(
      `select count(*)::int as all,
              coalesce(array_agg(c.id order by c.id) filter (where f.event_id is not null), '{}') as faulty,
              coalesce(array_agg(c.id order by c.id) filter (where s.heard_at is null and f.event_id is null), '{}') as never
         from config_objects c left join sensor_state s on s.sensor = c.id
         left join sensor_episodes f on f.sensor = c.id and f.type = 'sensor_fault' and f.ended_at is null
        where c.kind = 'sensor' and c.removed_at is null`,
    )
    const { all = 0, faulty = [], never = [] } = rows[0] ?? {}
    if (all === 0) return []
    const facts = { all, faulty: faulty.length, never: never.length, sensors: listed([...faulty, ...never]) }
    if (faulty.length > 0) {
      return [
        poor('sensors', 'faulty', `${faulty.length} of ${all} silent or broken: ${named(faulty)}`, facts),
      ]
    }
    if (never.length > 0) {
      return [poor('sensors', 'never_heard', `${never.length} of ${all} never heard: ${named(never)}`, facts)]
    }
    return [well('sensors', `${all} heard`, facts)]
  })

/** Workers that fell silent without saying good-bye, and those whose clock is wrong. */
export const workersHealth = (db: Database): HealthSource =>
  source('workers', async () => {
    const { rows } = await db.query<{ name: string; present: boolean; cameras: number; skew: number | null }>(
      `select name, last_seen > now() - interval '20 seconds' as present, cameras, clock_skew_ms as skew
         from workers where started_at is not null order by name`,
    )
    const silent = rows.filter(({ present }) => !present).map(({ name }) => name)
    const wrong = rows.filter(({ skew }) => Math.abs(skew ?? 0) > SKEW_MS)
    const present = rows.length - silent.length
    const facts = { present, silent: silent.length }
    const detail = `${present} present`
    if (silent.length > 0) {
      const workers = listed(silent)
      return [poor('workers', 'silent', `${detail}, not heard of: ${named(silent)}`, { ...facts, workers })]
    }
    if (wrong.length > 0) {
      const told = wrong.map(({ name, skew }) => `${name} (${Math.round((skew ?? 0) / 1_000)} s)`)
      const workers = listed(told)
      return [
        poor('workers', 'clock_wrong', `${detail}; clocks are wrong: ${named(told)}`, { ...facts, workers }),
      ]
    }
    return [well('workers', detail, facts)]
  })

/** Cameras of the city that nobody watches now, whoever should. */
export const coverageHealth = (db: Database): HealthSource =>
  source('coverage', async () => {
    const { rows } = await db.query<{ id: string; covered: boolean }>(
      `select c.id, coalesce(l.until > now() and s.status ->> 'state' = 'online', false) as covered
         from config_objects c left join camera_leases l on l.camera = c.id
         left join camera_status s on s.camera = c.id and s.worker = l.worker
        where c.kind = 'camera' and c.removed_at is null order by c.id`,
    )
    const dark = rows.filter(({ covered }) => !covered).map(({ id }) => id)
    const facts = { all: rows.length, covered: rows.length - dark.length }
    const detail = `${facts.covered} of ${facts.all} cameras are watched`
    if (dark.length === 0) return [well('coverage', detail, facts)]
    return [poor('coverage', 'dark', `${detail}, not: ${named(dark)}`, { ...facts, cameras: listed(dark) })]
  })

/** Partitions, rollups and jobs of TimescaleDB. */
export const historyHealth = (db: Database, clock: Clock): HealthSource =>
  atMostEvery(
    HISTORY_EVERY_MS,
    source('history', async () => {
      const { mode, problems, detail } = await readHistoryHealth(db)
      return [
        problems.length > 0
          ? poor('history', 'problems', detail, { mode })
          : well('history', detail, { mode }),
      ]
    }),
    clock,
  )
