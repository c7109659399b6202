import type { DurationMs } from '../../../core/units.ts'

/** Where the broker is, and as whom. */
export interface MqttSettings {
  /** mqtt://, mqtts:// or ws://, without credentials. */
  readonly url: string
  readonly username: string | null
  readonly password: string | null
  readonly version: '3.1.1' | '5'
  /** Group of a shared subscription, so that several workers share the load; null: each worker takes everything. */
  readonly share: string | null
}

/** Numbers that a test turns down; the defaults are those of docs/sensors.md. */
export interface MqttTuning {
  readonly keepaliveSeconds: number
  readonly connectTimeoutMs: DurationMs
  /** First wait before a connection is tried again; it doubles up to 30 s, ±30 %. */
  readonly reconnectMs: DurationMs
  /** First wait before a refused batch is tried again; it doubles up to 15 s, ±30 %. */
  readonly retryMs: DurationMs
  /** Messages that may be unacknowledged at once: in MQTT 5 the broker is told (receiveMaximum). */
  readonly window: number
  /** Bytes of payload that may be unacknowledged at once. */
  readonly windowBytes: number
  /** How often the configured sensors are looked at. */
  readonly lookMs: DurationMs
}

export const TUNING: MqttTuning = {
  keepaliveSeconds: 30,
  connectTimeoutMs: 30_000,
  reconnectMs: 1_000,
  retryMs: 1_000,
  window: 100,
  windowBytes: 16 << 20,
  lookMs: 1_000,
}
