import type { AuditEntry } from '../../core/api/audit.ts'
import type { List } from '../../core/api/shapes.ts'
import { CHANGE_TOPICS } from '../../core/changes.ts'
import { CONFIG_KINDS } from '../../core/config/objects.ts'
import { SharpEyesError } from '../../core/errors.ts'
import type { Database } from '../../core/ports/database.ts'
import { createConditions, cutPage, decodeCursor, microsOf, readPage } from '../http/paging.ts'
import type { AuditSearch } from './routes.ts'
import { type AuthorFacts, whoKind } from './who-kind.ts'

const DAY_MS = 86_400_000
const DEFAULT_DAYS = 7
const MAX_DAYS = 92

interface Row extends Omit<AuditEntry, 'at' | 'whoKind'>, Omit<AuthorFacts, 'topic' | 'who' | 'reason'> {
  readonly id: string
  readonly at: Date
  readonly micros: string
}

/** [from, to) of a search. Throws `invalid` when it is turned round or too long. */
export function periodOf({ from, to }: AuditSearch, now: number): { from: Date; to: Date } {
  const end = to ?? now + 1
  const start = from ?? end - DEFAULT_DAYS * DAY_MS
  if (start >= end)
    throw new SharpEyesError('invalid', 'from: is not before "to"', { details: { why: 'span_turned' } })
  if (end - start > MAX_DAYS * DAY_MS)
    throw new SharpEyesError(
      'invalid',
      `from: is more than ${MAX_DAYS} days before "to"; name a shorter period`,
      { details: { why: 'span_long', days: MAX_DAYS } },
    )
  return { from: new Date(start), to: new Date(end) }
}

const ACTION = `case when jsonb_typeof(c.payload -> 'kinds') = 'array'
       then (select string_agg(k, ',') from jsonb_array_elements_text(c.payload -> 'kinds') as k)
       else coalesce(c.payload ->> 'what', c.payload ->> 'kind', c.payload ->> 'change', c.payload ->> 'state', 'changed') end`

/** A page of entries, newest first, of positions and of what waits for its position. */
export async function listAudit(
  database: Database,
  search: AuditSearch & { readonly cursor?: string | undefined; readonly limit: number },
  now: number,
): Promise<List<AuditEntry>> {
  const { from, to } = periodOf(search, now)
  const where = createConditions()
  where.add('c.at >= $?', from)
  where.add('c.at < $?', to)
  if (search.who !== undefined)
    where.add("coalesce(c.payload ->> 'who', c.payload ->> 'actor') = $?", search.who)
  if (search.object !== undefined) {
    const { object } = search
    // Looks name the kind before the object, the configuration too.
    const keys = [
      object,
      ...['alert', 'case', 'camera', 'recording'].map((kind) => `${kind}:${object}`),
      ...CONFIG_KINDS.map((kind) => `${kind}/${object}`),
    ]
    where.addAll('c.topic = any($?1) and c.key = any($?2)', [[...CHANGE_TOPICS], keys])
  }
  const [topic, action] = search.action?.split('.') ?? []
  if (topic !== undefined) where.add('c.topic = $?', topic)
  if (action !== undefined) where.add(`$? = any(string_to_array(${ACTION}, ','))`, action)
  where.after(decodeCursor(search.cursor, /^\d{1,18}$/), 'c.at', 'c.id', 'bigint')
  const { page, asOf } = await readPage(database, (tx) =>
    tx.query<Row>(
      `select e.*, coalesce(e.own_reason, l.reason) as reason, coalesce(e.own_kind, f.actor_kind) as "actorKind" from (
         select c.id::text as id, c.pos::text as pos, c.at, ${microsOf('c.at')}::text as micros, c.topic,
                ${ACTION} as action, coalesce(c.payload ->> 'who', c.payload ->> 'actor') as who, c.key as object,
                c.payload ->> 'camera' as camera, c.payload ->> 'caseNo' as "caseNo",
                c.payload ->> 'purpose' as purpose, c.payload ->> 'actorKind' as own_kind,
                c.payload -> 'kinds' ->> 0 as entry_kind, c.payload ->> 'managedBy' as "managedBy", c.payload ->> 'change' as change,
                coalesce(c.payload ->> 'reason', c.payload -> 'hold' ->> 'reason', c.payload ->> 'verdictReason') as own_reason
           from changes c where ${where.sql()} order by c.at desc, c.id desc limit ${search.limit + 1}) e
         left join lateral (
           -- Looks of before the reason was an entry's part have it in their own table alone.
           select reason from looks
            where e.topic = 'look' and e.own_reason is null and looks.object = e.object and looks.who = e.who
              and looks.what = e.action and looks.at <= e.at and looks.at > e.at - interval '10 seconds'
            order by looks.at desc limit 1) l on true
         left join lateral (
           -- Cases of before the kind of the actor was an entry's part have it in their log alone. A change has the entries
           -- of one move, and both are written in the same order: counted from the end, where nothing is deleted.
           select actor_kind from follow_ups
            where e.topic = 'case' and e.own_kind is null and case_no = e.object and actor = e.who and kind = e.entry_kind
              and seq = 1 + (select max(seq) from follow_ups where case_no = e.object)
                - (select sum(case when jsonb_typeof(payload -> 'kinds') = 'array' then jsonb_array_length(payload -> 'kinds') else 0 end) from changes
                    where topic = 'case' and key = e.object and id >= e.id::bigint)) f on true
        order by e.at desc, e.id::bigint desc`,
      where.params,
    ),
  )
  const { rows, next } = cutPage(page.rows, search.limit, ({ micros, id }) => ({ micros, key: id }))
  return { items: rows.map(toEntry), next, asOf }
}

const toEntry = (row: Row): AuditEntry => {
  const { pos, at, topic, action, who, object, camera, caseNo, purpose, reason } = row
  return {
    ...{ pos, topic, action, who, object, camera, caseNo, purpose, reason },
    whoKind: whoKind(row),
    at: at.toISOString(),
  }
}
