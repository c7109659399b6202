import { v7 as uuidv7 } from 'uuid'
import { comparePositions } from '../../core/event-order.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { EpochMs } from '../../core/units.ts'
import type { BatchPlan, SettledMessage } from './plan.ts'

/** Every list goes as one JSON parameter: one statement a table, whatever the size of the batch. */
const rows = (list: readonly object[]): readonly unknown[] => [JSON.stringify(list)]
const iso = (at: EpochMs): string => new Date(at).toISOString()

/** Idempotency rows and the append-only history: each message of the batch that was not here before. */
export async function writeMessages(tx: Queryable, plan: BatchPlan): Promise<void> {
  if (plan.settled.length === 0) return
  await tx.query(
    `insert into inbox (source, id, outcome)
     select source, id, outcome from jsonb_to_recordset($1::jsonb) as r (source text, id text, outcome text)`,
    rows(
      plan.settled.map(({ item, outcome }) => ({
        source: item.message.source,
        id: item.message.id,
        outcome,
      })),
    ),
  )
  await tx.query(
    `insert into events (at, event_id, epoch, seq, kind, source_kind, source_id, type, zone, severity, state)
     select at, event_id, epoch, seq, kind, source_kind, source_id, type, zone, severity, state
       from jsonb_to_recordset($1::jsonb) as r (at timestamptz, event_id uuid, epoch bigint, seq bigint, kind text,
            source_kind text, source_id text, type text, zone text, severity smallint, state jsonb)`,
    rows(
      plan.settled.map(({ item }) => {
        const { kind, epoch, seq, event } = item.message.data
        return {
          at: iso(event.endedAt ?? event.lastSeenAt),
          event_id: event.id,
          epoch,
          seq,
          kind,
          source_kind: event.source.kind,
          source_id: event.source.id,
          type: event.type,
          zone: event.zone,
          severity: event.severity,
          state: event,
        }
      }),
    ),
  )
}

/** The last applied message of each event; its mark `lost` goes, whoever set it. */
export async function writeEventStates(tx: Queryable, plan: BatchPlan, now: EpochMs): Promise<void> {
  const latest = new Map<string, SettledMessage>()
  for (const settled of plan.settled) {
    if (settled.outcome !== 'applied') continue
    const { event } = settled.item.message.data
    const before = latest.get(event.id)?.item.message.data
    if (!before || comparePositions(settled.item.message.data, before) > 0) latest.set(event.id, settled)
  }
  if (latest.size === 0) return
  await tx.query(
    `insert into event_state (event_id, epoch, seq, ended, source_id, alert_id, last_message_at, state)
     select event_id, epoch, seq, ended, source_id, alert_id, $2, state
       from jsonb_to_recordset($1::jsonb) as r (event_id uuid, epoch bigint, seq bigint, ended boolean,
            source_id text, alert_id uuid, state jsonb)
     on conflict (event_id) do update set epoch = excluded.epoch, seq = excluded.seq, ended = excluded.ended,
       alert_id = excluded.alert_id, last_message_at = excluded.last_message_at, lost_at = null,
       state = excluded.state`,
    [
      ...rows(
        [...latest.values()].map(({ item, alertId }) => {
          const { kind, epoch, seq, event } = item.message.data
          return {
            event_id: event.id,
            epoch,
            seq,
            ended: kind === 'end',
            source_id: event.source.id,
            alert_id: alertId,
            state: event,
          }
        }),
      ),
      new Date(now),
    ],
  )
}

/**
 * The pictures that came with the messages, also with those that were too late to be applied: the files are in the
 * store, and a file without a row would be collected.
 */
export async function writeStills(tx: Queryable, plan: BatchPlan): Promise<void> {
  const found = new Map<string, object>()
  for (const { item, alertId } of plan.settled) {
    const { event, worker } = item.message.data
    const { still } = event
    if (!still || 'failed' in still) continue
    const pictures = { masked: still.masked, original: still.original }
    for (const [variant, picture] of Object.entries(pictures)) {
      if (!picture) continue
      found.set(`${alertId} ${variant} ${picture.sha256}`, {
        id: uuidv7(),
        owner_id: alertId,
        camera: event.source.kind === 'camera' ? event.source.id : null,
        variant,
        sha256: picture.sha256,
        bytes: picture.bytes,
        media_type: picture.mediaType,
        captured_at: iso(still.capturedAt),
        meta: { method: still.method, width: picture.width, height: picture.height, eventId: event.id },
        created_by: `worker:${worker}`,
      })
    }
  }
  if (found.size === 0) return
  await tx.query(
    `insert into evidence (id, owner_kind, owner_id, camera, kind, variant, sha256, bytes, media_type, captured_at, meta,
                           created_by)
     select id, 'alert', owner_id, camera, 'still', variant, sha256, bytes, media_type, captured_at, meta, created_by
       from jsonb_to_recordset($1::jsonb) as r (id uuid, owner_id text, camera text, variant text, sha256 text,
            bytes bigint, media_type text, captured_at timestamptz, meta jsonb, created_by text)
     on conflict (owner_kind, owner_id, kind, variant, sha256, camera) do nothing`,
    rows([...found.values()]),
  )
}

export { iso, rows }
