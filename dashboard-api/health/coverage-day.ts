import type { CoverageDay } from '../../core/api/health-desk.ts'
import type { Database } from '../../core/ports/database.ts'
import type { EpochMs } from '../../core/units.ts'
import type { PersonActor } from '../auth/people.ts'
import { camerasOf } from '../cameras/read.ts'
import type { City } from '../city.ts'
import { dayOf } from '../events/span.ts'
import { readPage } from '../http/paging.ts'

const HOUR_MS = 3_600_000

interface Row {
  readonly camera: string
  readonly hour: number
  readonly watched: number
  readonly pulled: number
}

/** Each camera and hour of the day, from the coverage intervals; of a day that is not over up to now. */
export async function readCoverageDay(
  database: Database,
  city: City,
  day: string,
  now: EpochMs,
  actor: PersonActor,
): Promise<CoverageDay> {
  const { timezone } = city.facts
  const span = dayOf(day, timezone)
  const end = Math.max(span.from, Math.min(span.to, now))
  const count = Math.ceil((span.to - span.from) / HOUR_MS)
  const starts = Array.from({ length: count }, (_, n) => span.from + n * HOUR_MS)
  const { page } = await readPage(database, async (tx) => {
    // An interval is at most a day long (adapters/postgres/coverage).
    const { rows } = await tx.query<Row>(
      `with told as (
         select c.camera, greatest(c.from_at, $1) as from_at, least(c.to_at, $2) as to_at,
                exists (select 1 from jsonb_array_elements(o.body -> 'rules') as rule
                         where not rule ->> 'type' = any(c.unavailable)) as watched
           from coverage c join config_objects o on o.kind = 'camera' and o.id = c.camera and o.removed_at is null
          where c.state = 'online' and c.from_at < $2 and c.to_at > $1 and c.from_at >= $1 - interval '1 day'
       ), parts as (
         select t.camera, t.watched, n as hour,
                extract(epoch from least(t.to_at, $1 + (n + 1) * interval '1 hour')
                                 - greatest(t.from_at, $1 + n * interval '1 hour')) as seconds
           from told t, generate_series(floor(extract(epoch from t.from_at - $1) / 3600)::int,
                                        floor(extract(epoch from t.to_at - $1) / 3600)::int) as n
       )
       select camera, hour, floor(coalesce(sum(seconds) filter (where watched), 0))::int as watched,
              floor(coalesce(sum(seconds) filter (where not watched), 0))::int as pulled
         from parts where seconds > 0 and hour < $3 group by camera, hour`,
      [new Date(span.from), new Date(end), count],
    )
    return { rows, allowed: await camerasOf(tx, actor) }
  })
  const found = new Map(page.rows.map((row) => [`${row.hour} ${row.camera}`, row]))
  const cameras = [...city.cameras.values()]
    .filter(({ id }) => page.allowed === null || page.allowed.has(id))
    .map(({ id, name }) => {
      const hours = starts.map((_, hour) => {
        const { watched = 0, pulled = 0 } = found.get(`${hour} ${id}`) ?? {}
        return { watched, pulled }
      })
      return { id, name, hours, total: sumOf(hours) }
    })
    .toSorted(
      (a, b) =>
        a.total.watched - b.total.watched || a.total.pulled - b.total.pulled || (a.id < b.id ? -1 : 1),
    )
  return {
    ...{ day, timezone, cameras, at: new Date(now).toISOString() },
    hours: starts.map((at) => new Date(at).toISOString()),
    elapsed: starts.map((at) => Math.round(Math.max(0, Math.min(HOUR_MS, end - at)) / 1_000)),
    total: {
      ...sumOf(cameras.map(({ total }) => total)),
      possible: cameras.length * Math.round((end - span.from) / 1_000),
    },
  }
}

const sumOf = (list: readonly { watched: number; pulled: number }[]) =>
  list.reduce(
    (sum, { watched, pulled }) => ({ watched: sum.watched + watched, pulled: sum.pulled + pulled }),
    {
      watched: 0,
      pulled: 0,
    },
  )
