import type { Desk } from '../../core/api/desk.ts'
import { FLOOD_WINDOW_MS, type FloodView, floodAt } from '../../core/flood.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { NOT_MUTED } from '../alerts/rows.ts'

/** How far back the beginning of a flood is looked for. */
const LOOK_BACK_MS = 6 * 3_600_000
/** Alarms are counted in steps of this: a flood of a thousand a minute stays a short list. */
const STEP_SECONDS = 10
/** Every desk asks after every change: in a flood they share one answer of this age. */
const FRESH_MS = 1_000

export const TO_VERIFY = `a.verdict is null and ${NOT_MUTED}`

export const severitiesOf = (row: Readonly<Record<`s${1 | 2 | 3 | 4}`, number>>): Desk['open'] => ({
  1: row.s1,
  2: row.s2,
  3: row.s3,
  4: row.s4,
})

export interface Counts extends Pick<Desk, 'toVerify' | 'open' | 'muted'>, FloodView {}

/** SQL: s1 … s4, how many of each severity where `holds`. */
export const countSeverities = (holds = 'true'): string =>
  [1, 2, 3, 4].map((s) => `count(*) filter (where a.severity = ${s} and ${holds})::int as s${s}`).join(', ')

/** What is to verify, and the alarm rate; the same for everybody, so it is read once for all who ask in one second. */
export function createCounts({ clock }: { clock: Clock }) {
  let kept: { readonly at: number; readonly counts: Promise<Counts> } | null = null
  return {
    read(tx: Queryable): Promise<Counts> {
      const now = clock.now()
      if (kept && now - kept.at < FRESH_MS) return kept.counts
      const attempt = { at: now, counts: readCounts(tx, now) }
      kept = attempt
      attempt.counts.catch(() => {
        if (kept === attempt) kept = null
      })
      return attempt.counts
    },
    /** After the caller's own change: the next answer is read anew. */
    forget(): void {
      kept = null
    },
  }
}

async function readCounts(tx: Queryable, now: number): Promise<Counts> {
  const waiting = await tx.query<Record<`s${1 | 2 | 3 | 4}`, number> & { muted: number }>(
    `select ${countSeverities(NOT_MUTED)}, count(*) filter (where not ${NOT_MUTED})::int as muted
       from alerts a where a.verdict is null`,
  )
  const opened = await tx.query<{ step: number; n: number }>(
    `select ceil(extract(epoch from a.opened_at) / ${STEP_SECONDS})::float8 as step, count(*)::int as n from alerts a
      where a.opened_at > $1 and a.opened_at <= $2 and a.suppressed_by is null group by 1 order by 1`,
    [new Date(now - LOOK_BACK_MS - FLOOD_WINDOW_MS), new Date(now)],
  )
  const alarms = opened.rows.map(({ step, n }) => ({ at: Math.min(now, step * STEP_SECONDS * 1_000), n }))
  const row = waiting.rows[0] ?? { s1: 0, s2: 0, s3: 0, s4: 0, muted: 0 }
  const open = severitiesOf(row)
  return {
    ...floodAt(alarms, now),
    open,
    toVerify: open[1] + open[2] + open[3] + open[4],
    muted: row.muted,
  }
}
