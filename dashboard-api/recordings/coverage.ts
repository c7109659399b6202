import type { Queryable } from '../../core/ports/database.ts'
import type { Coverage, TimeSpan } from './timeline.ts'

/** How a camera was watched in a span, oldest first. An interval is at most a day long. */
export async function readCoverage(
  tx: Queryable,
  camera: string,
  { from, to }: TimeSpan,
): Promise<Coverage[]> {
  const { rows } = await tx.query<{
    worker: string
    from_at: Date
    to_at: Date
    state: Coverage['state']
    unavailable: string[]
  }>(
    `select worker, from_at, to_at, state, unavailable from coverage
      where camera = $1 and from_at < $3 and from_at > $2::timestamptz - interval '1 day' and to_at > $2
      order by from_at, id`,
    [camera, new Date(from), new Date(to)],
  )
  return rows.map(({ worker, from_at, to_at, state, unavailable }) => ({
    ...{ worker, state, unavailable },
    ...{ from: from_at.getTime(), to: to_at.getTime() },
  }))
}
