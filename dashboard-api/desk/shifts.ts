import { randomUUID } from 'node:crypto'
import type { OpenMatters, Shift } from '../../core/api/desk.ts'
import { writeChange } from '../../core/changes.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import { isoOf } from '../http/values.ts'
import { readOpenMatters } from './open-matters.ts'

/** So many hand-overs are shown; nobody lets more of them lie. */
const LISTED = 20

interface ShiftRow {
  readonly id: string
  readonly who: string
  readonly started_at: Date
  readonly ended_at: Date | null
  readonly note: string | null
  readonly open: OpenMatters | null
  readonly taken_by: string | null
  readonly taken_at: Date | null
}

const toShift = (row: ShiftRow): Shift => ({
  id: row.id,
  who: row.who,
  startedAt: row.started_at.toISOString(),
  endedAt: isoOf(row.ended_at),
  note: row.note,
  open: row.open,
  takenBy: row.taken_by,
  takenAt: isoOf(row.taken_at),
})

export async function readShifts(tx: Queryable, who: string) {
  const running = await tx.query<ShiftRow>(
    'select * from shifts where ended_at is null order by started_at, id',
  )
  return {
    shift: running.rows.filter((row) => row.who === who).map(toShift)[0] ?? null,
    onDuty: running.rows.map((row) => ({ who: row.who, startedAt: row.started_at.toISOString() })),
    handovers: (await waiting(tx)).map(toShift),
  }
}

async function waiting(tx: Queryable): Promise<readonly ShiftRow[]> {
  const { rows } = await tx.query<ShiftRow>(
    `select * from (select * from shifts where ended_at is not null and taken_at is null
                     order by ended_at desc, id limit ${LISTED}) latest order by ended_at, id`,
  )
  return rows
}

/** The only writer of `shifts`. Begin, end and take are in the change log. */
export function createShifts({ database }: { database: Database }) {
  const one = async (
    tx: Queryable,
    kind: 'started' | 'ended' | 'taken',
    sql: string,
    params: readonly unknown[],
  ): Promise<Shift | null> => {
    const { rows } = await tx.query<ShiftRow>(sql, params)
    const [row] = rows
    if (!row) return null
    const { id, who, note } = row
    await writeChange(tx, {
      topic: 'shift',
      key: id,
      payload: { kind, id, who, actor: kind === 'taken' ? row.taken_by : who, note },
    })
    return toShift(row)
  }
  const take = (tx: Queryable, id: string, who: string) =>
    one(
      tx,
      'taken',
      `update shifts set taken_by = $2, taken_at = now()
        where id = $1 and ended_at is not null and taken_at is null returning *`,
      [id, who],
    )

  return {
    /** Throws `state_conflict` with `details.why` = `handover` while one waits that is not among those read. */
    start: (who: string, taken: readonly string[]): Promise<Shift> =>
      database.transaction(async (tx) => {
        // Two presses of one person, in two tabs: the second finds the first one's shift.
        await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`shift ${who}`])
        const unread = (await waiting(tx)).filter(({ id }) => !taken.includes(id))
        if (unread.length > 0) {
          throw new SharpEyesError(
            'state_conflict',
            `${unread.length} hand-over(s) wait to be read and taken before a shift begins`,
            { details: { why: 'handover', ids: unread.map(({ id }) => id) } },
          )
        }
        for (const id of taken) await take(tx, id, who)
        const running = await tx.query<ShiftRow>('select * from shifts where who = $1 and ended_at is null', [
          who,
        ])
        if (running.rows[0]) return toShift(running.rows[0])
        const started = await one(tx, 'started', 'insert into shifts (id, who) values ($1, $2) returning *', [
          randomUUID(),
          who,
        ])
        if (!started) throw new SharpEyesError('internal', 'the shift was not written')
        return started
      }),
    end: (who: string, note: string): Promise<Shift> =>
      database.transaction(async (tx) => {
        const open = await readOpenMatters(tx)
        const ended = await one(
          tx,
          'ended',
          `update shifts set ended_at = now(), note = $2, open = $3 where who = $1 and ended_at is null returning *`,
          [who, note, JSON.stringify(open)],
        )
        if (!ended)
          throw new SharpEyesError('state_conflict', `${who} is not on duty: there is no shift to end`, {
            details: { why: 'off_duty' },
          })
        return ended
      }),
    take: (id: string, who: string): Promise<Shift> =>
      database.transaction(async (tx) => {
        const taken = await take(tx, id, who)
        if (taken) return taken
        const { rows } = await tx.query<ShiftRow>('select * from shifts where id = $1', [id])
        const [row] = rows
        if (!row) throw new SharpEyesError('not_found', `there is no shift ${id}`)
        if (row.taken_by === null)
          throw new SharpEyesError(
            'state_conflict',
            `the shift of ${row.who} is going on: there is nothing to take`,
            { details: { why: 'on_shift', by: row.who } },
          )
        throw new SharpEyesError(
          'state_conflict',
          `${row.taken_by} has taken this hand-over at ${isoOf(row.taken_at)}`,
          { details: { why: 'taken', by: row.taken_by, at: isoOf(row.taken_at) } },
        )
      }),
  }
}
