import { chmod, mkdir, readdir, readFile, statfs, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
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

/** What a database of `--keep` holds; written when it is complete. */
const filledSchema = z.strictObject({
  events: z.int(),
  rows: z.int(),
  until: z.int(),
  filledMs: z.number(),
  countedMs: z.number(),
})
type Filled = z.infer<typeof filledSchema>

export interface HistoryOptions {
  readonly events: number
  /** Questions of each kind. */
  readonly runs: number
  /** Folder that keeps the filled database, so that a later run only asks. */
  readonly keep?: string
}

/**
 * How long the two questions of the history budget take over so many events on a durable database: a camera-day, and a
 * city-month by type; beside the barest statements that could answer them. Every question names another camera and day.
 */
export async function benchHistory(options: HistoryOptions, tools: Tools): Promise<BenchReport> {
  const { signal } = tools
  const { runs } = options
  const folder = options.keep ? await keptFolder(options.keep) : await benchFolder(tools)
  const kept = await readFilled(folder, options.events)
  if (!kept) await needSpace(folder, options.events)
  const database = await openDatabase(folder, tools)
  const filled = kept ?? (await fill(database, options.events, tools))
  if (!kept) await writeFile(filledFile(folder), JSON.stringify(filled))
  const { until } = filled

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
      `${filled.rows} messages of ${CAMERAS} cameras and ${SENSORS} sensors in ${DAYS} days, about ${Math.round(filled.rows / DAYS / (CAMERAS + SENSORS))} a source and day`,
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
      figure('filling, with indexes', 'rows/s', [(filled.rows / filled.filledMs) * 1_000]),
      figure('counting everything anew', 's', [filled.countedMs / 1_000]),
      figure('size with indexes', 'bytes/row', [Number(size.rows[0]?.bytes ?? 0) / filled.rows]),
    ],
    warnings: kept ? ['filled and counted by an earlier run: those two figures are of its machine'] : [],
  }
}

async function fill(database: PostgresDatabase, events: number, { clock, signal }: Tools): Promise<Filled> {
  const until = clock.now()
  const bar = createProgress(events, 'events')
  const began = performance.now()
  const { rows } = await generateEvents(database, {
    rows: events,
    days: DAYS,
    until,
    cameras: CAMERAS,
    sensors: SENSORS,
    signal,
    onRows: (done) => bar.at(Math.min(done, events)),
  })
  bar.end()
  const filledMs = performance.now() - began
  return { events, rows, until, filledMs, countedMs: await settle(database, until) }
}

const filledFile = (folder: string): string => join(folder, 'history.json')

async function keptFolder(path: string): Promise<string> {
  const folder = resolve(path)
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o755) // as root, the user of the database must get through to its files
  return folder
}

/** Null: nothing is there yet. Throws when what is there is not what is asked for. */
async function readFilled(folder: string, events: number): Promise<Filled | null> {
  const text = await readFile(filledFile(folder), 'utf8').catch(() => null)
  if (text === null) {
    if ((await readdir(folder)).length > 0)
      throw new SharpEyesError(
        'state_conflict',
        `${folder} is not empty and holds no filled history: remove it, or name another folder`,
      )
    return null
  }
  const filled = filledSchema.parse(JSON.parse(text))
  if (filled.events !== events)
    throw new SharpEyesError(
      'state_conflict',
      `${folder} holds ${filled.events} events, asked for are ${events}: give --events ${filled.events}, or another folder`,
    )
  return filled
}

async function needSpace(folder: string, events: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const needed = events * BYTES_A_ROW + BYTES_BESIDE
  if (bavail * bsize < needed)
    throw new SharpEyesError(
      'disk_full',
      `${events} events need ${gib(needed)} GiB in ${folder}, ${gib(bavail * bsize)} GiB are free: give fewer --events, or another TMPDIR`,
    )
}

async function openDatabase(folder: string, { clock, log, stack }: Tools): Promise<PostgresDatabase> {
  const server = await startEmbeddedPostgres({ folder, log, clock })
  stack.push('the database of the bench', () => server[Symbol.asyncDispose]())
  const database = connectPostgres({ url: server.url, log })
  stack.push('connections', () => database[Symbol.asyncDispose]())
  await database.query("alter system set max_wal_size = '2GB'")
  await database.query('select pg_reload_conf()')
  await migrate(database, log)
  return database
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
