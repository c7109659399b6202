import type { CorrelatedAlert, KnownEvent, Matter } from '../../core/correlation.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { AlertRow } from '../alert/row.ts'
import type { InboxMessage } from './parse.ts'

/** What the database knows of the matters of one batch, read under their locks. */
export interface StoredMatters {
  /** By fingerprint. */
  readonly matters: ReadonlyMap<string, Matter>
  /** Fingerprint of the alert that a known event belongs to, by event id. */
  readonly fingerprintOfEvent: ReadonlyMap<string, string>
  /** `source id` of messages that were received before. */
  readonly received: ReadonlySet<string>
}

export const messageKey = (message: { source: string; id: string }): string =>
  `${message.source} ${message.id}`

/**
 * Takes the locks of all fingerprints, in order, so that two batches never wait for each other in a ring. Advisory,
 * because the alert may not exist yet; its key is the first 60 bits of the hash. They go with the transaction.
 */
export async function lockFingerprints(tx: Queryable, fingerprints: readonly string[]): Promise<void> {
  const keys = [...new Set(fingerprints)].sort().map((text) => BigInt(`0x${text.slice(0, 15)}`).toString())
  await tx.query('select pg_advisory_xact_lock(key) from unnest($1::bigint[]) as list (key)', [keys])
}

/** Reads alerts, events and inbox rows. In a statement after the locks: it must see what the last holder committed. */
export async function readMatters(tx: Queryable, messages: readonly InboxMessage[]): Promise<StoredMatters> {
  const fingerprints = [...new Set(messages.map((item) => item.fingerprint))]
  const eventIds = [...new Set(messages.map((item) => item.message.data.event.id))]
  const received = await tx.query<{ source: string; id: string }>(
    `select source, id from inbox
      where (source, id) in (select * from unnest($1::text[], $2::text[]))`,
    [messages.map((item) => item.message.source), messages.map((item) => item.message.id)],
  )
  // `for update` holds off people's verdicts on the same alerts until this batch is committed.
  const alerts = await tx.query<AlertRow>(
    `select * from alerts where fingerprint = any($1) and state <> 'resolved' order by fingerprint for update`,
    [fingerprints],
  )
  const events = await tx.query<EventRow>(
    `select s.event_id, s.epoch, s.seq, s.ended, s.alert_id, s.lost_at is not null as lost, a.fingerprint
       from event_state s join alerts a on a.id = s.alert_id
      where s.event_id = any($1::uuid[]) or (s.alert_id = any($2::uuid[]) and not s.ended)`,
    [eventIds, alerts.rows.map((row) => row.id)],
  )
  return {
    matters: group(fingerprints, alerts.rows, events.rows),
    fingerprintOfEvent: new Map(events.rows.map((row) => [row.event_id, row.fingerprint])),
    received: new Set(received.rows.map(messageKey)),
  }
}

interface EventRow {
  readonly event_id: string
  /** bigint: text. */
  readonly epoch: string
  readonly seq: string
  readonly ended: boolean
  readonly alert_id: string
  readonly lost: boolean
  readonly fingerprint: string
}

function group(
  fingerprints: readonly string[],
  alerts: readonly AlertRow[],
  events: readonly EventRow[],
): Map<string, Matter> {
  const alertOf = new Map(alerts.map((row) => [row.fingerprint, row]))
  const eventsOf = Map.groupBy(events, (row) => row.fingerprint)
  return new Map(
    fingerprints.map((print) => {
      const row = alertOf.get(print)
      const own = eventsOf.get(print) ?? []
      const known = own.map((event): [string, KnownEvent] => [
        event.event_id,
        // Epoch and seq are safe integers by the schema of the message that brought them.
        { epoch: Number(event.epoch), seq: Number(event.seq), ended: event.ended, alertId: event.alert_id },
      ])
      return [print, { alert: row ? correlated(row, own) : null, events: new Map(known) }]
    }),
  )
}

function correlated(row: AlertRow, events: readonly EventRow[]): CorrelatedAlert {
  const own = events.filter((event) => event.alert_id === row.id && !event.ended)
  return {
    id: row.id,
    state: 'firing',
    occurrences: row.occurrences,
    lost: row.lost,
    resolvedAt: null,
    shown: row.cause,
    shownEnded: !own.some((event) => event.event_id === row.event_id),
    open: new Map(own.map((event) => [event.event_id, event.lost])),
  }
}
