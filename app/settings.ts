import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { KafkaSettings } from '../adapters/kafka/settings.ts'
import type { SmtpRelay } from '../alerts/channels/email.ts'
import { SharpEyesError } from '../core/errors.ts'
import type { OidcSettings } from '../core/oidc.ts'
import type { MqttSettings } from '../ingest/sensors/mqtt/settings.ts'

/**
 * Where the parts of a deployment are: from the environment, secrets from files that it names. Nothing set = everything
 * embedded. Errors name the variable, never the value of a secret.
 */
export interface Settings {
  /** PostgreSQL; null: the embedded one. */
  readonly databaseUrl: string | null
  readonly kafka: KafkaSettings | null
  readonly mqtt: MqttSettings | null
  /** Log-in of devices at the embedded broker; null: all may come. */
  readonly mqttLogin: { readonly username: string; readonly password: string } | null
  /** Address on which devices find the embedded MQTT broker and the HJ 212 receiver. */
  readonly sensorListen: string
  /** Of the embedded broker. */
  readonly mqttPort: number
  readonly hj212Port: number
  /** Days that events and readings are kept; null: all. */
  readonly keep: { readonly events: number | null; readonly readings: number | null }
  /** Of each camera, on the worker's disk; hours 0: none is written. */
  readonly trackLog: { readonly hours: number; readonly bytes: number }
  readonly smtp: SmtpRelay | null
  readonly s3: S3Settings | null
  /** Of a worker: the pages' server, and the token to show there; null: none. */
  readonly control: { readonly url: string; readonly token: string } | null
  /** Of a worker: address at which the pages' server reaches it; null: no live view from it. */
  readonly workerUrl: string | null
  /** OTLP over HTTP, for example http://127.0.0.1:4318; null: no traces. */
  readonly otlpUrl: string | null
  /** Signs session cookies; the same on every API process. Null: a file of the data folder. */
  readonly sessionSecret: string | null
  /** Checkpoints of the audit log: PEM of the key that signs (null: a file of the data folder), a second folder. */
  readonly audit: { readonly key: string | null; readonly folder: string | null; readonly minutes: number }
  /** Address that people's browsers use, for links in messages; null: the one that is listened on. */
  readonly publicUrl: string | null
  /** Proxies in front of the API whose X-Forwarded-For and X-Forwarded-Proto are believed. */
  readonly trustedProxies: number
  /** Identity provider for log-ins; null: passwords alone. */
  readonly oidc: OidcSettings | null
  /** Opens health and metrics of the API to other machines. */
  readonly monitoringToken: string | null
}

export interface S3Settings {
  readonly endpoint: string
  readonly bucket: string
  readonly region: string
  readonly accessKey: string
  readonly secretKey: string
}

const text = z.string().trim().min(1)
const count = z.coerce.number().int()
/** 0: any free one. */
const port = count.min(0).max(65_535)
/** `host:port`, also several with commas. */
const hosts = text.transform((value) => value.split(',').map((host) => host.trim()))
const plainUrl = (...protocols: readonly string[]) =>
  text.superRefine((value, context) => {
    const fault = (message: string) => context.addIssue({ code: 'custom', message })
    if (!URL.canParse(value)) return fault('is no URL')
    const url = new URL(value)
    if (!protocols.includes(url.protocol)) fault(`begins with ${protocols.join(' or ')}//`)
    if (url.username || url.password) fault('holds credentials; they go into a file of their own')
  })

/** A provider's address: what travels there is a log-in, so only TLS, or this machine itself. */
const issuerUrl = plainUrl('https:', 'http:').refine(
  (value) =>
    !value.startsWith('http:') || /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|$)/.test(value),
  'is plain http to another machine; an identity provider is reached by https (http only on loopback)',
)

const environment = z.object({
  DATABASE_URL: text.optional(),
  DATABASE_URL_FILE: text.optional(),
  KAFKA_BROKERS: hosts.optional(),
  KAFKA_TLS: z.enum(['0', '1']).default('0'),
  KAFKA_SASL: z.enum(['scram-sha-512', 'plain']).optional(),
  KAFKA_USERNAME: text.optional(),
  KAFKA_PASSWORD_FILE: text.optional(),
  KAFKA_REPLICATION: count.min(1).max(9).default(1),
  MQTT_URL: plainUrl('mqtt:', 'mqtts:', 'ws:', 'wss:').optional(),
  MQTT_USERNAME: text.optional(),
  MQTT_PASSWORD_FILE: text.optional(),
  MQTT_VERSION: z.enum(['3.1.1', '5']).default('5'),
  MQTT_SHARE: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'has letters, digits, "_" and "-"')
    .optional(),
  SENSOR_LISTEN: text.default('127.0.0.1'),
  MQTT_PORT: port.default(1_883),
  HJ212_PORT: port.default(9_212),
  KEEP_EVENTS_DAYS: count.min(1).optional(),
  KEEP_READINGS_DAYS: count.min(1).optional(),
  TRACK_LOG_HOURS: count.min(0).max(720).default(24),
  TRACK_LOG_MB: count.min(1).max(100_000).default(64),
  SMTP_HOST: text.optional(),
  SMTP_PORT: port.min(1).optional(),
  SMTP_SECURITY: z.enum(['tls', 'starttls', 'none']).default('starttls'),
  SMTP_USERNAME: text.optional(),
  SMTP_PASSWORD_FILE: text.optional(),
  SMTP_FROM: text.optional(),
  S3_ENDPOINT: plainUrl('http:', 'https:').optional(),
  S3_BUCKET: text.optional(),
  S3_REGION: text.default('us-east-1'),
  S3_ACCESS_KEY_FILE: text.optional(),
  S3_SECRET_KEY_FILE: text.optional(),
  CONTROL_URL: plainUrl('http:', 'https:').optional(),
  WORKER_TOKEN_FILE: text.optional(),
  WORKER_URL: plainUrl('http:', 'https:').optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: plainUrl('http:', 'https:').optional(),
  SESSION_SECRET_FILE: text.optional(),
  AUDIT_KEY_FILE: text.optional(),
  CHECKPOINT_FOLDER: text.optional(),
  CHECKPOINT_MINUTES: count.min(1).max(1_440).default(10),
  PUBLIC_URL: plainUrl('http:', 'https:').optional(),
  TRUSTED_PROXIES: count.min(0).max(9).default(0),
  MONITORING_TOKEN_FILE: text.optional(),
  OIDC_ISSUER: issuerUrl.optional(),
  OIDC_CLIENT_ID: text.optional(),
  OIDC_CLIENT_SECRET_FILE: text.optional(),
  OIDC_CLAIM: text.default('preferred_username'),
  OIDC_BUTTON: text.max(60).optional(),
})

/** Every variable that is read here. */
export const SETTING_NAMES: readonly string[] = Object.keys(environment.shape)

/** Reads the environment. Throws `config_invalid` with every fault at once. */
export async function readSettings(env: Readonly<Record<string, string | undefined>>): Promise<Settings> {
  // An empty variable is what a compose file leaves of one that was not given.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environment.safeParse(given)
  if (!parsed.success) throw faulty(parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`))
  const e = parsed.data
  const faults: string[] = []
  const needed = (name: keyof typeof e, because: string): string => {
    const value = e[name]
    if (typeof value === 'string') return value
    faults.push(`${name}: is missing; ${because}`)
    return ''
  }
  const secret = async (name: keyof typeof e): Promise<string | null> => {
    const path = e[name]
    if (typeof path !== 'string') return null
    try {
      const content = (await readFile(path, 'utf8')).replace(/\r?\n$/, '')
      if (content === '') faults.push(`${name}: ${path} is empty`)
      return content
    } catch (error) {
      faults.push(`${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
      return null
    }
  }
  const neededSecret = async (name: keyof typeof e, because: string): Promise<string> => {
    needed(name, because)
    return (await secret(name)) ?? ''
  }

  const settings: Settings = {
    databaseUrl: e.DATABASE_URL ?? (await secret('DATABASE_URL_FILE')),
    kafka: e.KAFKA_BROKERS
      ? {
          brokers: e.KAFKA_BROKERS,
          tls: e.KAFKA_TLS === '1',
          sasl: e.KAFKA_SASL
            ? {
                mechanism: e.KAFKA_SASL,
                username: needed('KAFKA_USERNAME', 'KAFKA_SASL is set'),
                password: await neededSecret('KAFKA_PASSWORD_FILE', 'KAFKA_SASL is set'),
              }
            : null,
          replication: e.KAFKA_REPLICATION,
        }
      : null,
    mqtt: e.MQTT_URL
      ? {
          url: e.MQTT_URL,
          username: e.MQTT_USERNAME ?? null,
          password: await secret('MQTT_PASSWORD_FILE'),
          version: e.MQTT_VERSION,
          share: e.MQTT_SHARE ?? null,
        }
      : null,
    mqttLogin:
      !e.MQTT_URL && e.MQTT_USERNAME
        ? {
            username: e.MQTT_USERNAME,
            password: await neededSecret('MQTT_PASSWORD_FILE', 'MQTT_USERNAME is set'),
          }
        : null,
    sensorListen: e.SENSOR_LISTEN,
    mqttPort: e.MQTT_PORT,
    hj212Port: e.HJ212_PORT,
    keep: { events: e.KEEP_EVENTS_DAYS ?? null, readings: e.KEEP_READINGS_DAYS ?? null },
    trackLog: { hours: e.TRACK_LOG_HOURS, bytes: e.TRACK_LOG_MB * 2 ** 20 },
    smtp: e.SMTP_HOST
      ? {
          host: e.SMTP_HOST,
          port: e.SMTP_PORT ?? (e.SMTP_SECURITY === 'tls' ? 465 : e.SMTP_SECURITY === 'starttls' ? 587 : 25),
          security: e.SMTP_SECURITY,
          username: e.SMTP_USERNAME ?? null,
          password: await secret('SMTP_PASSWORD_FILE'),
          from: needed('SMTP_FROM', 'SMTP_HOST is set'),
        }
      : null,
    s3: e.S3_ENDPOINT
      ? {
          endpoint: e.S3_ENDPOINT,
          bucket: needed('S3_BUCKET', 'S3_ENDPOINT is set'),
          region: e.S3_REGION,
          accessKey: await neededSecret('S3_ACCESS_KEY_FILE', 'S3_ENDPOINT is set'),
          secretKey: await neededSecret('S3_SECRET_KEY_FILE', 'S3_ENDPOINT is set'),
        }
      : null,
    control: e.CONTROL_URL
      ? {
          url: e.CONTROL_URL.replace(/\/$/, ''),
          token: await neededSecret(
            'WORKER_TOKEN_FILE',
            'CONTROL_URL is set; "sharp-eyes workers add NAME" makes one',
          ),
        }
      : null,
    workerUrl: e.WORKER_URL?.replace(/\/$/, '') ?? null,
    otlpUrl: e.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/$/, '') ?? null,
    sessionSecret: await secret('SESSION_SECRET_FILE'),
    audit: {
      key: await secret('AUDIT_KEY_FILE'),
      folder: e.CHECKPOINT_FOLDER ?? null,
      minutes: e.CHECKPOINT_MINUTES,
    },
    publicUrl: e.PUBLIC_URL?.replace(/\/$/, '') ?? null,
    trustedProxies: e.TRUSTED_PROXIES,
    monitoringToken: await secret('MONITORING_TOKEN_FILE'),
    oidc: e.OIDC_ISSUER
      ? {
          issuer: e.OIDC_ISSUER,
          clientId: needed('OIDC_CLIENT_ID', 'OIDC_ISSUER is set'),
          clientSecret: await secret('OIDC_CLIENT_SECRET_FILE'),
          claim: e.OIDC_CLAIM,
          button: e.OIDC_BUTTON ?? null,
        }
      : null,
  }
  if (faults.length > 0) throw faulty(faults)
  return settings
}

const faulty = (faults: readonly string[]) =>
  new SharpEyesError('config_invalid', faults.join('\n'), { details: { faults } })
