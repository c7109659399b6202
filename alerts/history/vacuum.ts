import type { Database } from '../../core/ports/database.ts'
import type { EpochMs } from '../../core/units.ts'
import { DAY_TABLES, endOfPartition, listPartitions } from '../partitions/partitions.ts'

/** A partition is finished when all but one page, and all but one row, of so many were there at its last vacuum. */
const SETTLED_PART = 100
const AT_ONCE = 4

/**
 * Vacuums and freezes day partitions that are over: nothing will change in them, questions are answered from their
 * indexes alone, and no wave of freezing comes years later. A few at once; the rest is for the next time.
 */
export async function vacuumFinishedDays(database: Database, now: EpochMs): Promise<readonly string[]> {
  const done: string[] = []
  for (const table of DAY_TABLES) {
    const over = (await listPartitions(database, table)).filter(
      (name) => (endOfPartition(table, name) ?? Number.POSITIVE_INFINITY) <= now,
    )
    // By its visibility too: a vacuum beside a long transaction (a backup) leaves its pages unmarked.
    const { rows } = await database.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_stat_user_tables s on s.relid = c.oid
        where c.relname = any ($1) and pg_relation_size(c.oid) > 0
          and (c.relallvisible < c.relpages - c.relpages / ${SETTLED_PART} or c.relpages <= 0
               or s.n_ins_since_vacuum > s.n_live_tup / ${SETTLED_PART})
        order by c.relname desc limit $2`,
      [over, AT_ONCE],
    )
    for (const { name } of rows) {
      await database.query(`vacuum (freeze, analyze) ${name}`)
      done.push(name)
    }
  }
  return done
}
