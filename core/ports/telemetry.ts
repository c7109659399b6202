import type { EpochMs } from '../units.ts'

/** Structured log. Never a secret, a credential or personal data in `fields`. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: object): Log
}

/** Counters, gauges and histograms of the running process; names without the prefix `sharp_eyes_`. */
export interface Metrics {
  count(name: string, labels?: Record<string, string>, by?: number): void
  gauge(name: string, labels: Record<string, string>, value: number): void
  observe(name: string, labels: Record<string, string>, value: number): void
}

/** Facts of a span; keys as in the log: `event`, `alert`, `case`, `camera`. Never a secret or a person. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>

/** Where a span belongs: W3C `traceparent` texts. A text that is none is passed over. */
export interface SpanPlace {
  readonly parent?: string | null
  /** Of work for many at once; asked only while traces are on. */
  readonly links?: () => readonly string[]
  readonly facts?: SpanFacts
}

/** Traces of what happens to events. With traces off nothing of it costs anything. */
export interface Tracer {
  /** `traceparent` of everything about an event: its id is the trace's id. Null: traces are off. */
  context(eventId: string): string | null
  /** Runs the work in a span; its failure is the span's, and is thrown on. */
  span<T>(name: string, place: SpanPlace, work: () => Promise<T>): Promise<T>
  /** A span that is over: of waiting, or of what began in another process. `root`: it is the first of its event. */
  record(name: string, place: SpanPlace & { readonly root?: boolean }, from: EpochMs, to: EpochMs): void
}
