import type { CaseEvent } from '../../core/case/event.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Queryable } from '../../core/ports/database.ts'
import { type Grouping, NO_KEY } from '../../core/statistics/figures.ts'
import { type CaseJudgement, judgeCase } from '../../core/statistics/judge.ts'
import type { EpochMs } from '../../core/units.ts'
import { type Cursor, createConditions, microsOf } from '../http/paging.ts'
import type { Period } from './period.ts'

/** Cases are judged in batches of this many, so that memory is bounded and other calls come in between. */
const BATCH = 1_000
const MAX_CASES = 200_000

/** Which cases are judged, and how. */
export interface Asked {
  readonly period: Period
  readonly type?: string | undefined
  readonly department?: string | undefined
  readonly grid?: string | undefined
  /** The reader's department, when nothing else may be seen: cases that it leads. */
  readonly limitedTo: string | null
  readonly now: EpochMs
  /** By when after filing a case has to be dispatched, ms. */
  readonly dispatchLimit: number
}

export interface JudgedCase extends CaseJudgement {
  readonly no: string
  readonly filedMicros: string
  /** Its row's key under every grouping. */
  readonly keys: Readonly<Record<Grouping, string>>
}

interface CaseKeyRow {
  readonly no: string
  readonly micros: string
  readonly type: string
  readonly grid: string | null
  readonly day: string
}

interface LogRow {
  readonly case_no: string
  readonly at: Date
  readonly actor: string
  readonly actor_kind: 'person' | 'machine'
  readonly role: string | null
  readonly kind: string
  readonly from_state: string | null
  readonly to_state: string | null
  readonly reason: string | null
  readonly data: Record<string, unknown>
}

/** What moves a case: the other entries (notices, reminders, pictures) change no figure. */
const MOVES = [
  'file',
  'dispatch',
  'accept',
  'report',
  'verify',
  'rework',
  'close',
  'return',
  'extend',
  'decide',
  'suspend',
  'resume',
  'void',
  'reopen',
]

/**
 * Cases filed in the period, judged from their logs, newest first, from the cursor on. Run it in a snapshot. Throws
 * `invalid` when there are more than 200,000 of them.
 */
export async function* judgedCases(
  tx: Queryable,
  asked: Asked,
  after: Cursor | null = null,
  batch = BATCH,
): AsyncGenerator<JudgedCase> {
  await refuseTooMany(tx, asked)
  let cursor = after
  for (;;) {
    const where = whereOf(asked)
    where.after(cursor, 'c.filed_at', 'c.no', 'text')
    where.params.push(asked.period.timezone, batch)
    const [timezone, limit] = [where.params.length - 1, where.params.length]
    const { rows } = await tx.query<CaseKeyRow>(
      `select c.no, ${microsOf('c.filed_at')} as micros, c.type, c.place ->> 'grid' as grid,
              to_char(c.filed_at at time zone $${timezone}, 'YYYY-MM-DD') as day
         from cases c where ${where.sql()} order by c.filed_at desc, c.no desc limit $${limit}`,
      where.params,
    )
    const logs = await readLogs(
      tx,
      rows.map(({ no }) => no),
    )
    for (const row of rows) {
      const judgement = judgeCase(logs.get(row.no) ?? [], asked.now, asked.dispatchLimit)
      const keys = {
        type: row.type,
        department: judgement.lead ?? NO_KEY,
        grid: row.grid ?? NO_KEY,
        day: row.day,
        month: row.day.slice(0, 7),
      }
      yield { ...judgement, no: row.no, filedMicros: row.micros, keys }
    }
    const last = rows.at(-1)
    if (rows.length < batch || !last) return
    cursor = { micros: last.micros, key: last.no }
  }
}

function whereOf({ period, type, department, grid, limitedTo }: Asked) {
  const where = createConditions()
  where.add('c.filed_at >= $?', new Date(period.span.from))
  where.add('c.filed_at < $?', new Date(period.span.to))
  if (type !== undefined) where.add('c.type = $?', type)
  if (department !== undefined) where.add(`coalesce(c.lead, '${NO_KEY}') = $?`, department)
  if (grid !== undefined) where.add(`coalesce(c.place ->> 'grid', '${NO_KEY}') = $?`, grid)
  if (limitedTo !== null) where.add('c.lead = $?', limitedTo)
  return where
}

async function refuseTooMany(tx: Queryable, asked: Asked): Promise<void> {
  const where = whereOf(asked)
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from (select 1 from cases c where ${where.sql()} limit ${MAX_CASES + 1}) as found`,
    where.params,
  )
  if ((rows[0]?.count ?? 0) <= MAX_CASES) return
  const { from, to } = asked.period
  throw new SharpEyesError(
    'invalid',
    `from: more than ${MAX_CASES} cases from ${from} to ${to}; ask in parts`,
    { details: { why: 'many_cases', most: MAX_CASES } },
  )
}

async function readLogs(tx: Queryable, numbers: readonly string[]): Promise<Map<string, CaseEvent[]>> {
  const { rows } = await tx.query<LogRow>(
    `select case_no, at, actor, actor_kind, role, kind, from_state, to_state, reason, data
       from follow_ups where case_no = any($1) and kind = any($2) order by case_no, seq`,
    [numbers, MOVES],
  )
  const logs = new Map<string, CaseEvent[]>()
  for (const row of rows) {
    const log = logs.get(row.case_no) ?? []
    if (log.length === 0) logs.set(row.case_no, log)
    log.push(toEvent(row))
  }
  return logs
}

/** Rows are what `decide` wrote; they are not parsed again. */
const toEvent = (row: LogRow): CaseEvent =>
  ({
    kind: row.kind,
    at: row.at.getTime(),
    actor: { kind: row.actor_kind, name: row.actor, role: row.role },
    from: row.from_state,
    to: row.to_state,
    reason: row.reason,
    data: row.data,
  }) as CaseEvent
