import type { Role } from '../../core/actor.ts'
import type { ReplayEntry } from '../../core/api/history.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import { hasAny, type PersonActor } from '../auth/people.ts'
import type { Span } from '../events/span.ts'
import { cutPage, decodeCursor, microsOf, readPage } from '../http/paging.ts'
import type { CaseReader } from './read.ts'
import { type ReplayRow, toReplayEntry } from './replay-entry.ts'
import { branchesOf, type Cut, type ReplayScope } from './replay-sql.ts'

/** Who looked at what is the auditor's and the investigator's to know. */
const LOOK_READERS: readonly Role[] = ['investigator', 'auditor']
const KEY = /^\d:.{1,62}$/
/** Around an alert: what led to it, and how it faded. */
const MARGIN_MS = 10 * 60_000

interface ReplayQuery {
  readonly detail: 'short' | 'full'
  readonly cursor?: string | undefined
  readonly limit: number
}

interface Replay {
  items: ReplayEntry[]
  next: string | null
  asOf: string
}

/** The story of a case or a place, oldest first, from the logs alone. */
export interface ReplayReader {
  /** Throws `not_found` also for another department's case. */
  ofCase(no: string, query: ReplayQuery, actor: PersonActor): Promise<Replay>
  ofPlace(source: string, span: Span, query: ReplayQuery, actor: PersonActor): Promise<Replay>
}

export function createReplayReader(deps: { database: Database; cases: CaseReader }): ReplayReader {
  const { database, cases } = deps

  async function read(
    query: ReplayQuery,
    actor: PersonActor,
    find: (tx: Queryable) => Promise<ReplayScope>,
  ): Promise<Replay> {
    const cursor = decodeCursor(query.cursor, KEY)
    const { page, asOf } = await readPage(database, async (tx) => {
      const params: unknown[] = []
      const param = (value: unknown) => `$${params.push(value)}`
      const cut: Cut = {
        param,
        limit: param(query.limit + 1),
        after: cursor && {
          at: `(timestamptz 'epoch' + ${param(cursor.micros)}::bigint * interval '1 microsecond')`,
          rank: Number(cursor.key[0]),
          key: cursor.key.slice(2),
        },
      }
      const branches = branchesOf(await find(tx), cut, {
        updates: query.detail === 'full',
        looks: hasAny(actor, LOOK_READERS),
        coverage: await hasCoverage(tx),
      })
      return tx.query<ReplayRow>(
        `select at, rank, key, what, body, ${microsOf('at')} as micros
           from (${branches.join('\nunion all\n')}) as story
          order by at, rank, key collate "C" limit ${cut.limit}`,
        params,
      )
    })
    const { rows, next } = cutPage(page.rows, query.limit, (row) => ({
      micros: row.micros,
      key: `${row.rank}:${row.key}`,
    }))
    return { items: rows.map(toReplayEntry), next, asOf }
  }

  return {
    ofCase: (no, query, actor) =>
      read(query, actor, async (tx) => {
        const { body } = await cases.find(tx, no, actor)
        return scopeOfCase(tx, no, body.alertId)
      }),
    ofPlace: (source, span, query, actor) => read(query, actor, (tx) => scopeOfPlace(tx, source, span)),
  }
}

/** The table of intervals came with many workers; a database that is being migrated may not have it yet. */
async function hasCoverage(tx: Queryable): Promise<boolean> {
  const { rows } = await tx.query<{ there: boolean }>("select to_regclass('coverage') is not null as there")
  return rows[0]?.there ?? false
}

async function scopeOfCase(tx: Queryable, no: string, alertId: string | null): Promise<ReplayScope> {
  const none = { span: null, source: null, onlyAlert: null }
  if (alertId === null) return { ...none, cases: [no], alerts: [] }
  const { rows } = await tx.query<{
    source_kind: string
    source_id: string
    since: Date
    until: Date | null
  }>('select source_kind, source_id, since, resolved_at as until from alerts where id = $1', [alertId])
  const alert = rows[0]
  if (!alert) return { ...none, cases: [no], alerts: [] }
  return {
    cases: [no],
    alerts: [alertId],
    onlyAlert: alertId,
    source: { kind: alert.source_kind, id: alert.source_id },
    span: {
      from: alert.since.getTime() - MARGIN_MS,
      to: alert.until === null ? null : alert.until.getTime() + MARGIN_MS,
    },
  }
}

/** Every matter of the place that was open in the span; what is told of it is cut to the span. */
async function scopeOfPlace(tx: Queryable, source: string, span: Span): Promise<ReplayScope> {
  const alerts = await tx.query<{ id: string }>(
    `select id from alerts where source_id = $1 and since < $3 and (resolved_at is null or resolved_at >= $2)`,
    [source, new Date(span.from), new Date(span.to)],
  )
  const cases = await tx.query<{ no: string }>(
    `select c.no from cases c left join alerts a on a.id = c.alert_id
      where (c.camera = $1 or a.source_id = $1) and c.filed_at < $3 and (c.closed_at is null or c.closed_at >= $2)`,
    [source, new Date(span.from), new Date(span.to)],
  )
  // A case that was filed later still tells what became of an alert of the span, and the other way round.
  const told = await tx.query<{ id: string }>(
    'select distinct alert_id as id from cases where no = any($1) and alert_id is not null',
    [cases.rows.map(({ no }) => no)],
  )
  return {
    cases: cases.rows.map(({ no }) => no),
    alerts: [...new Set([...alerts.rows, ...told.rows].map(({ id }) => id))],
    onlyAlert: null,
    source: { kind: null, id: source },
    span,
  }
}
