import type { EventItem } from '../../core/api/history.ts'
import type { List } from '../../core/api/shapes.ts'
import { HAZARD_TYPES } from '../../core/catalogue.ts'
import { SharpEyesError } from '../../core/errors.ts'
import { EVENT_KINDS, type EventKind, type Severity } from '../../core/event.ts'
import type { Database } from '../../core/ports/database.ts'
import type { City } from '../city.ts'
import { cutPage, decodeCursor, microsOf, readPage } from '../http/paging.ts'
import type { EventQuery } from './routes.ts'
import type { Span } from './span.ts'

/** A message's id: no two have the same. */
const KEY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\/\d{1,16}\.\d{1,16}$/
const ORDER = 'at desc, event_id desc, epoch desc, seq desc'

interface Row {
  readonly at: Date
  readonly at_micros: string
  readonly event_id: string
  readonly epoch: string
  readonly seq: string
  readonly kind: EventKind
  readonly source_kind: 'camera' | 'sensor'
  readonly source_id: string
  readonly type: string
  readonly zone: string | null
  readonly severity: Severity
}

/**
 * A page of messages, newest first. Each source (each kind of each type, when none is named) is read from an index in
 * this order, only as far as the page needs, and the results are merged: an answer does not depend on how much there is.
 */
export async function listEvents(
  database: Database,
  query: EventQuery,
  { from, to }: Span,
  city: Pick<City, 'camera'>,
): Promise<List<EventItem>> {
  if (query.zone !== undefined && !query.source)
    throw new SharpEyesError('invalid', 'zone: is a zone of a camera; name it with "source"')
  const cursor = decodeCursor(query.cursor, KEY)
  const params: unknown[] = []
  const param = (value: unknown) => `$${params.push(value)}`
  const list = (words: readonly string[]) => `unnest(${param([...new Set(words)])}::text[])`
  const where = [`e.at >= ${param(new Date(from))}`, `e.at < ${param(new Date(to))}`]
  let readEach: string
  if (query.source) {
    readEach = `${list(query.source)} as sources (id)`
    where.push('e.source_id = sources.id')
    if (query.type) where.push(`e.type = any(${param(query.type)})`)
    if (query.kind) where.push(`e.kind = any(${param(query.kind)})`)
  } else {
    readEach = `${list(query.type ?? HAZARD_TYPES)} as types (type) cross join ${list(query.kind ?? EVENT_KINDS)} as kinds (kind)`
    where.push('e.type = types.type and e.kind = kinds.kind')
  }
  if (query.sourceKind) where.push(`e.source_kind = ${param(query.sourceKind)}`)
  if (query.zone !== undefined) where.push(`e.zone = ${param(query.zone)}`)
  if (query.severity) where.push(`e.severity = any(${param(query.severity.map(Number))})`)
  if (cursor) {
    const [event, position = ''] = cursor.key.split('/')
    const [epoch, seq] = position.split('.')
    const at = `(timestamptz 'epoch' + ${param(cursor.micros)}::bigint * interval '1 microsecond')`
    // The time alone too: the row as a whole tells no partition that it has nothing.
    where.push(
      `e.at <= ${at} and (e.at, e.event_id, e.epoch, e.seq) <
         (${at}, ${param(event)}::uuid, ${param(epoch)}::bigint, ${param(seq)}::bigint)`,
    )
  }
  const limit = param(query.limit + 1)
  const sql = `select found.*, ${microsOf('at')} as at_micros
     from ${readEach} cross join lateral (
       select at, event_id, epoch, seq, kind, source_kind, source_id, type, zone, severity
         from events e where ${where.join(' and ')} order by ${ORDER} limit ${limit}) as found
    order by ${ORDER} limit ${limit}`
  const { page, asOf } = await readPage(database, (tx) => tx.query<Row>(sql, params))
  const { rows, next } = cutPage(page.rows, query.limit, (row) => ({
    micros: row.at_micros,
    key: `${row.event_id}/${row.epoch}.${row.seq}`,
  }))
  return { items: rows.map((row) => toItem(row, city)), next, asOf }
}

function toItem(row: Row, city: Pick<City, 'camera'>): EventItem {
  const { source_kind: kind, source_id: id } = row
  return {
    at: row.at.toISOString(),
    event: row.event_id,
    // Safe integers by the schema of the message that brought them.
    epoch: Number(row.epoch),
    seq: Number(row.seq),
    kind: row.kind,
    source: { kind, id },
    sourceName: (kind === 'camera' ? city.camera(id)?.name : undefined) ?? { zh: id, en: id },
    type: row.type,
    zone: row.zone,
    severity: row.severity,
  }
}
