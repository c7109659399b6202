import type { ErrorCode } from '../../core/errors.ts'
import type { EventKind } from '../../core/event.ts'
import type { EpochMs } from '../../core/units.ts'

/** One message on its way to the disk: what SQL needs of it, and its exact JSON. */
export interface SpoolRecord {
  readonly eventId: string
  readonly sourceId: string
  readonly epoch: number
  readonly seq: number
  readonly kind: EventKind
  readonly severity: number
  readonly body: string
  readonly at: EpochMs
}

/** One message of readings on its way to the disk. */
export interface ReadingsRecord {
  /** What stays in order. */
  readonly device: string
  /** CloudEvents id, made of the content: the same packet twice is one record. */
  readonly messageId: string
  readonly body: string
  readonly at: EpochMs
}

/** A record as it is read back. `id` is the spool's own number. */
export interface TakenRecord {
  readonly id: number
  readonly body: string
}

/** The last committed message of an event that has not ended. */
export interface OpenRecord {
  readonly eventId: string
  readonly epoch: number
  readonly seq: number
  readonly body: string
}

/** An event with records that are not sent yet. */
export interface PendingEvent {
  readonly eventId: string
  /** 1: its end is one of them. */
  readonly ends: number
}

/** What lies in one of the two tables. */
export interface Stock {
  readonly records: number
  readonly bytes: number
  /** When the oldest record was appended; null: empty. */
  readonly oldestAt: EpochMs | null
}

/** How the readings' share stands. `full` and `disk_full`: readings are refused, events are not touched by it. */
export interface ReadingsFacts extends Stock {
  readonly state: 'ok' | 'full' | 'disk_full'
}

/** How the spool stands. `full`: updates are refused · `disk_full`: the ballast is gone, updates are refused. */
export interface SpoolFacts extends Stock {
  readonly state: 'ok' | 'full' | 'disk_full'
  /** Readings have their own table and their own share: the other facts are of events alone. */
  readonly readings: ReadingsFacts
}

export interface SpoolLimits {
  /** Bytes of messages from which on updates are refused. */
  readonly maxBytes: number
  /** Bytes of readings from which on readings are refused: their own share, so that a flood of them leaves events alone. */
  readonly readingsBytes: number
  /** Bytes put aside, to be given back to a full disk. */
  readonly ballastBytes: number
}

export interface ThreadStart {
  readonly folder: string
  readonly limits: SpoolLimits
}

export type SpoolRequest =
  | { readonly kind: 'append'; readonly record: SpoolRecord }
  | { readonly kind: 'take'; readonly limit: number }
  | { readonly kind: 'remove'; readonly ids: readonly number[] }
  | { readonly kind: 'open_events' }
  | { readonly kind: 'pending_events' }
  | { readonly kind: 'forget'; readonly eventIds: readonly string[] }
  | { readonly kind: 'append_readings'; readonly records: readonly ReadingsRecord[] }
  | { readonly kind: 'take_readings'; readonly limit: number; readonly bytes: number }
  | { readonly kind: 'remove_readings'; readonly ids: readonly number[] }
  | { readonly kind: 'close' }

export interface Refusal {
  readonly kind: 'refused'
  readonly code: Extract<ErrorCode, 'spool_full' | 'disk_full'>
}
export type AppendResult = { readonly kind: 'stored'; readonly superseded: number } | Refusal

/** Of one request: all its messages are stored, or none. `repeated`: how many were here already. */
export type ReadingsResult = { readonly kind: 'stored'; readonly repeated: number } | Refusal

/** The answer's `value` is an AppendResult, ReadingsResult, TakenRecord[], OpenRecord[], PendingEvent[] or null, as the request's kind says. */
export type SpoolAnswer =
  | { readonly id: number; readonly ok: true; readonly value: unknown; readonly facts: SpoolFacts }
  | { readonly id: number; readonly ok: false; readonly error: string }
