import { type CaseEvent, caseEventSchema } from '../../core/case/event.ts'
import { evolveAll } from '../../core/case/evolve.ts'
import type { CaseClock, CaseFacts } from '../../core/case/state.ts'
import { writeChange } from '../../core/changes.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { EpochMs } from '../../core/units.ts'

/** Locks a case until the transaction ends. Null: there is no such case. Lock order: alert → case → notification. */
export async function lockCase(tx: Queryable, no: string): Promise<CaseFacts | null> {
  const { rows } = await tx.query<{ body: CaseFacts }>('select body from cases where no = $1 for update', [
    no,
  ])
  return rows[0]?.body ?? null
}

/**
 * Appends entries to a locked case (null: a new one), stores the snapshot they give and writes the change row.
 * The caller holds the lock of `lockCase`; everything is in its transaction. **Once per transaction:** PostgreSQL checks
 * the foreign key again when a row is updated that the same transaction wrote, which would lock the alert after its
 * case, against the lock order.
 */
export async function append(
  tx: Queryable,
  before: CaseFacts | null,
  events: readonly CaseEvent[],
): Promise<CaseFacts> {
  const after = evolveAll(before, events)
  if (before) await updateCase(tx, after)
  else await insertCase(tx, after)
  await insertFollowUps(tx, after.no, events)
  await writeChange(tx, { topic: 'case', key: after.no, payload: changePayload(before, after, events) })
  return after
}

/** The log as it is stored, oldest first. */
export async function readLog(database: Queryable, no: string): Promise<readonly CaseEvent[]> {
  const { rows } = await database.query<FollowUpRow>(
    'select * from follow_ups where case_no = $1 order by seq',
    [no],
  )
  return rows.map((row) =>
    caseEventSchema.parse({
      kind: row.kind,
      at: row.at.getTime(),
      actor: { kind: row.actor_kind, name: row.actor, role: row.role },
      from: row.from_state,
      to: row.to_state,
      reason: row.reason,
      data: row.data,
    }),
  )
}

interface FollowUpRow {
  readonly at: Date
  readonly actor: string
  readonly actor_kind: string
  readonly role: string | null
  readonly kind: string
  readonly from_state: string | null
  readonly to_state: string | null
  readonly reason: string | null
  readonly data: unknown
}

async function insertFollowUps(tx: Queryable, no: string, events: readonly CaseEvent[]): Promise<void> {
  const rows = events.map((event) => ({
    at: new Date(event.at).toISOString(),
    actor: event.actor.name,
    actor_kind: event.actor.kind,
    role: event.actor.role,
    kind: event.kind,
    from_state: event.from,
    to_state: event.to,
    reason: event.reason,
    data: event.data,
  }))
  await tx.query(
    `insert into follow_ups (case_no, seq, at, actor, actor_kind, role, kind, from_state, to_state, reason, data)
     select $1, (select coalesce(max(seq), 0) from follow_ups where case_no = $1) + place,
            r.at, r.actor, r.actor_kind, r.role, r.kind, r.from_state, r.to_state, r.reason, r.data
       from rows from (jsonb_to_recordset($2::jsonb) as (at timestamptz, actor text, actor_kind text, role text,
              kind text, from_state text, to_state text, reason text, data jsonb)) with ordinality
            as r (at, actor, actor_kind, role, kind, from_state, to_state, reason, data, place)
      order by place`,
    [no, JSON.stringify(rows)],
  )
}

const iso = (at: EpochMs | null): string | null => (at === null ? null : new Date(at).toISOString())

/** Only the clock that runs has a time in its column. */
const dueOf = (clock: CaseClock | null, kind: CaseClock['kind']) =>
  iso(clock?.kind === kind ? clock.dueAt : null)

/** The columns that lists filter by, beside the whole snapshot. */
const columns = (facts: CaseFacts): readonly unknown[] => [
  facts.no,
  facts.state,
  facts.version,
  facts.lead,
  facts.assist,
  facts.handler,
  dueOf(facts.clock, 'accept'),
  dueOf(facts.clock, 'handle'),
  dueOf(facts.clock, 'check'),
  dueOf(facts.clock, 'review'),
  facts.reworkCount,
  facts.extensionCount,
  iso(facts.closedAt),
  JSON.stringify(facts),
]

async function updateCase(tx: Queryable, facts: CaseFacts): Promise<void> {
  await tx.query(
    `update cases set state = $2, version = $3, lead = $4, assist = $5, handler = $6, accept_due_at = $7,
            handle_due_at = $8, check_due_at = $9, suspended_until = $10, rework_count = $11, extension_count = $12,
            closed_at = $13, body = $14
      where no = $1`,
    columns(facts),
  )
}

async function insertCase(tx: Queryable, facts: CaseFacts): Promise<void> {
  await tx.query(
    `insert into cases (no, state, version, lead, assist, handler, accept_due_at, handle_due_at, check_due_at,
       suspended_until, rework_count, extension_count, closed_at, body, type, severity, alert_id, camera, purpose,
       place, filed_by, filed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`,
    [
      ...columns(facts),
      facts.type,
      facts.severity,
      facts.alertId,
      facts.camera,
      facts.purpose,
      JSON.stringify(facts.place),
      facts.filedBy,
      iso(facts.filedAt),
    ],
  )
}

/** Hashes that the change log, and with it the audit tree, vouches for from now on. */
function hashesOf(events: readonly CaseEvent[]): Readonly<Record<string, unknown>> {
  const uploaded = events.flatMap((event) => (event.kind === 'attachment' ? [event.data] : []))
  const exported = events.find((event) => event.kind === 'exported')
  return {
    ...(uploaded.length > 0 ? { uploaded } : {}),
    ...(exported ? { exported: exported.data } : {}),
  }
}

/**
 * What lists show. `departments` decides who hears of it: also those it was taken from, so that the case leaves their
 * list.
 */
function changePayload(
  before: CaseFacts | null,
  after: CaseFacts,
  events: readonly CaseEvent[],
): Readonly<Record<string, unknown>> {
  const departments = [after, ...(before ? [before] : [])].flatMap(({ lead, assist }) => [lead, ...assist])
  return {
    departments: [...new Set(departments.filter((id) => id !== null))],
    no: after.no,
    kinds: events.map((event) => event.kind),
    ...hashesOf(events),
    actor: events[0]?.actor.name ?? null,
    actorKind: events[0]?.actor.kind ?? null,
    state: after.state,
    version: after.version,
    type: after.type,
    severity: after.severity,
    alertId: after.alertId,
    camera: after.camera,
    lead: after.lead,
    assist: after.assist,
    due: after.clock && { clock: after.clock.kind, at: iso(after.clock.dueAt) },
    reworkCount: after.reworkCount,
    extensionCount: after.extensionCount,
    closedAt: iso(after.closedAt),
  }
}
