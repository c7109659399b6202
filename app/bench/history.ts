import { statfs } from 'node:fs/promises'
import { connectPostgres, type PostgresDatabase } from '../../adapters/postgres/database.ts'
import { startEmbeddedPostgres } from '../../adapters/postgres/embedded.ts'
import { migrate } from '../../adapters/postgres/migrate.ts'
import { advanceRollup, rebuildRollup } from '../../alerts/history/rollups.ts'
import { vacuumFinishedDays } from '../../alerts/history/vacuum.ts'
import { ensurePartitions, partitionOf } from '../../alerts/partitions/partitions.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { countEventDays } from '../../dashboard-api/events/days.ts'
import { listEvents } from '../../dashboard-api/events/list.ts'
import { dayOf, type Span } from '../../dashboard-api/events/span.ts'
import { createProgress } from '../progress.ts'
import { generatedCamera, generateEvents } from '../simulate/generate.ts'
import type { Tools } from '../tools.ts'
import { benchFolder } from './folder.ts'
import { type BenchReport, figure, percentiles } from './report.ts'

const DAY_MS = 86_400_000
const DAYS = 90
const MONTH_DAYS = 30
const CAMERAS = 1_900
const SENSORS = 100
const TIMEZONE = 'Asia/Shanghai'
/** Of a row with its indexes, measured; and what the log of the database and its sorts need beside it. */
const BYTES_A_ROW = 1_150
const BYTES_BESIDE = 5 * 2 ** 30

/**
 * How long the two questions of the history budget take over so many events on a durable database: a camera-day, and a
 * city-month by type; beside the barest statements that could answer them. Every question names another camera and day.
 */
export async function benchHistory(
  { events, runs }: { readonly events: number /** Questions of each kind. */; readonly runs: number },
  tools: Tools,
): Promise<BenchReport> {
  const { clock, signal } = tools
  const { database, folder } = await openDatabase(events, tools)
  const until = clock.now()
  const bar = createProgress(events, 'events')
  const began = performance.now()
  const made = await generateEvents(database, {
    rows: events,
    days: DAYS,
    until,
    cameras: CAMERAS,
    sensors: SENSORS,
    signal,
    onRows: (rows) => bar.at(Math.min(rows, events)),
  })
  bar.end()
  const filledMs = performance.now() - began
  const countedMs = await settle(database, until)

  const random = sequence(7)
  const pick = (count: number) => Math.floor(random() * count)
  const day = (): Span => dayOf(isoDay(until - (1 + pick(DAYS - 2)) * DAY_MS), TIMEZONE)
  const month = (): Span => {
    const last = dayOf(isoDay(until - pick(DAYS - MONTH_DAYS) * DAY_MS), TIMEZONE)
    return { from: last.to - MONTH_DAYS * DAY_MS, to: last.to }
  }
  const camera = () => generatedCamera(pick(CAMERAS))
  const times: Record<'list' | 'counts' | 'city' | 'bareDay' | 'bareCity' | 'bare', number[]> = {
    list: [],
    counts: [],
    city: [],
    bareDay: [],
    bareCity: [],
    bare: [],
  }
  let rows = 0
  const timed = async (name: keyof typeof times, work: () => Promise<unknown>) => {
    signal.throwIfAborted()
    const start = performance.now()
    await work()
    times[name].push(performance.now() - start)
  }
  for (let n = 0; n < runs; n += 1) {
    await timed('list', async () => {
      rows += await readDay(database, camera(), day())
    })
    await timed('counts', () =>
      countEventDays(database, { source: [camera()], bucket: 'day', limit: 50 }, day()),
    )
    await timed('city', () => countEventDays(database, { bucket: 'day', limit: 50 }, month()))
    await timed('bareDay', () => bareDay(database, camera(), day()))
    await timed('bareCity', () => bareCity(database, month()))
    await timed('bare', () => database.query('select 1'))
  }
  const size = await database.query<{ bytes: string }>(
    "select sum(pg_total_relation_size(inhrelid))::text as bytes from pg_inherits where inhparent = 'events'::regclass",
  )
  return {
    bench: 'history',
    about: [
      `${made.rows} messages of ${CAMERAS} cameras and ${SENSORS} sensors in ${DAYS} days, about ${Math.round(made.rows / DAYS / (CAMERAS + SENSORS))} a source and day`,
      `native day partitions on embedded PostgreSQL with fsync in ${folder}; nothing is warmed, every question names another camera and day`,
      `states without pictures and with one detection at most (about 0.8 kB); one with a picture weighs 0.45 kB more`,
      `${runs} questions of each kind; a camera-day had ${Math.round(rows / runs)} messages, read in pages of 200`,
    ],
    figures: [
      ...percentiles('a camera-day, every message (GET /api/events)', times.list, '< 50 at p95'),
      ...percentiles('a camera-day, counted by type (bucket=day)', times.counts, '< 50 at p95'),
      ...percentiles('a city-month, counted by day and type (bucket=day)', times.city, '< 300 at p95'),
      ...percentiles('bare: one select over the partition and camera', times.bareDay),
      ...percentiles('bare: one sum over the counting table', times.bareCity),
      ...percentiles('bare: select 1', times.bare),
      figure('filling, with indexes', 'rows/s', [(made.rows / filledMs) * 1_000]),
      figure('counting everything anew', 's', [countedMs / 1_000]),
      figure('size with indexes', 'bytes/row', [Number(size.rows[0]?.bytes ?? 0) / made.rows]),
    ],
    warnings: [],
  }
}

async function openDatabase(
  events: number,
  tools: Tools,
): Promise<{ database: PostgresDatabase; folder: string }> {
  const { clock, log, stack } = tools
  const folder = await benchFolder(tools)
  const { bavail, bsize } = await statfs(folder)
  const needed = events * BYTES_A_ROW + BYTES_BESIDE
  if (bavail * bsize < needed)
    throw new SharpEyesError(
      'disk_full',
      `${events} events need ${gib(needed)} GiB in ${folder}, ${gib(bavail * bsize)} GiB are free: give fewer --events, or another TMPDIR`,
    )
  const server = await startEmbeddedPostgres({ folder, log, clock })
  stack.push('the database of the bench', () => server[Symbol.asyncDispose]())
  const database = connectPostgres({ url: server.url, log })
  stack.push('connections', () => database[Symbol.asyncDispose]())
  await database.query("alter system set max_wal_size = '2GB'")
  await database.query('select pg_reload_conf()')
  await migrate(database, log)
  return { database, folder }
}

const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1)

/** As the maintenance leaves it: days that are over vacuumed, everything counted. Milliseconds of the counting. */
async function settle(database: PostgresDatabase, until: number): Promise<number> {
  await ensurePartitions(database, until)
  while ((await vacuumFinishedDays(database, until)).length > 0);
  await database.query(`vacuum (analyze) ${partitionOf('events', until).name}`)
  const began = performance.now()
  await rebuildRollup(database, 'event_days', TIMEZONE)
  const countedMs = performance.now() - began
  while ((await advanceRollup(database, 'event_days'))?.more);
  await database.query('vacuum (analyze) event_day_counts, event_city_counts')
  await database.query('checkpoint')
  return countedMs
}

async function readDay(database: PostgresDatabase, source: string, span: Span): Promise<number> {
  let count = 0
  let cursor: string | undefined
  do {
    const page = await listEvents(database, { source: [source], limit: 200, cursor }, span, {
      camera: () => null,
    })
    count += page.items.length
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return count
}

const bareDay = (database: PostgresDatabase, source: string, { from, to }: Span) =>
  database.query(
    `select at, event_id, epoch, seq, kind, type, zone, severity from events
      where source_id = $1 and at >= $2 and at < $3 order by at desc`,
    [source, new Date(from), new Date(to)],
  )

const bareCity = (database: PostgresDatabase, { from, to }: Span) =>
  database.query(
    'select day, type, sum(starts), sum(updates), sum(ends) from event_city_counts where day >= $1 and day < $2 group by 1, 2',
    [new Date(from), new Date(to)],
  )

const isoDay = (at: number): string => new Date(at).toISOString().slice(0, 10)

/** The same numbers in [0, 1) at every run (mulberry32). */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
