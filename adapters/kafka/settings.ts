/** Where the bus is, and who we are there. Secrets are read from files by `app/settings.ts`. */
export interface KafkaSettings {
  readonly brokers: readonly string[]
  readonly tls: boolean
  /** SASL/SCRAM-SHA-512 or PLAIN. */
  readonly sasl: {
    readonly mechanism: 'scram-sha-512' | 'plain'
    readonly username: string
    readonly password: string
  } | null
  /** Copies of each partition; `migrate` makes the topics with it. */
  readonly replication: number
}
