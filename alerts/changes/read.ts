import type { ChangeTopic } from '../../core/changes.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Queryable } from '../../core/ports/database.ts'

/** A committed change at its place in the log. */
export interface PositionedChange {
  /** Decimal text of a bigint. */
  readonly pos: string
  readonly topic: ChangeTopic
  readonly key: string
  readonly at: Date
  readonly payload: Readonly<Record<string, unknown>>
}

/** The position of the last change that readers may see; "0" before the first. */
export async function head(database: Queryable): Promise<string> {
  const { rows } = await database.query<{ pos: string }>('select pos::text as pos from change_head')
  const [row] = rows
  if (!row) throw new SharpEyesError('internal', 'change_head has no row: the database is not migrated')
  return row.pos
}

/**
 * The next changes after a position, oldest first. There is no gap below what is answered: a reader that keeps the
 * last `pos` sees every change exactly once.
 */
export async function readChanges(
  database: Queryable,
  after: string,
  limit: number,
): Promise<readonly PositionedChange[]> {
  if (!/^\d{1,18}$/.test(after))
    throw new SharpEyesError(
      'bad_request',
      `"${after.slice(0, 32)}" is no position: write a whole number, 0 for the beginning`,
    )
  const { rows } = await database.query<PositionedChange>(
    `select pos::text as pos, topic, key, at, payload from changes
      where pos > $1::bigint order by changes.pos limit $2`,
    [after, limit],
  )
  return rows
}
