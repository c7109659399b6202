import { createHash } from 'node:crypto'
import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt'
import { backoffMs } from '../../../core/backoff.ts'
import type { Clock } from '../../../core/ports/clock.ts'
import type { Log, Metrics } from '../../../core/ports/telemetry.ts'
import type { EpochMs } from '../../../core/units.ts'
import type { MqttSettings, MqttTuning } from './settings.ts'

export interface ConnectionFacts {
  readonly connected: boolean
  /** Since when it is so; null: it never was connected. */
  readonly since: EpochMs | null
  /** Why it is not connected, or not for long, in plain words without secrets. */
  readonly problem: string | null
  /** The broker had forgotten us after a break: what it kept for us is lost. Null: that did not happen. */
  readonly sessionLost: { readonly times: number; readonly at: EpochMs } | null
}

export interface BrokerConnection {
  readonly client: MqttClient
  readonly facts: ConnectionFacts
  start(): void
  /** Says good-bye, so that the will is not sent; the session stays. */
  stop(): Promise<void>
}

/** What the broker may send at once; a larger message it keeps from us (MQTT 5 only). */
const MAX_PACKET_BYTES = 4 << 20
const SESSION_SECONDS = 86_400
/** A member of a group that does not come back blocks its share for so long. */
const SHARED_SESSION_SECONDS = 300
const WILL_DELAY_SECONDS = 10
const STOP_MS = 3_000
const TAKEN_OVER = 142
/** A connection that lasts as long has succeeded; so many that did not are one that goes up and down. */
const STEADY_MS = 20_000
const FLAPPING = 3
const TWICE =
  'the connection is closed again and again soon after it is made: does a second worker run with the same name?'

/** 23 characters, which every broker takes; the same after a restart, so that the session is found again. */
export const clientIdOf = (worker: string): string =>
  `se-${createHash('sha256').update(worker).digest('hex').slice(0, 20)}`

export const workerTopic = (clientId: string): string => `sharp-eyes/workers/${clientId}/status`

/** The connection of one worker: it is made again for ever, and says what it lost. */
export function createConnection(deps: {
  readonly settings: MqttSettings
  readonly clientId: string
  readonly tuning: MqttTuning
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly random: () => number
  /** With each CONNACK, before any message of the new connection. */
  readonly onSession: (present: boolean) => void
  readonly onConnect: () => void
  readonly onPublish: (packet: IPublishPacket, next: (error?: Error) => void) => void
}): BrokerConnection {
  const { settings, clientId, tuning, clock, log, metrics, random } = deps
  const backoff = { firstMs: tuning.reconnectMs, maxMs: 30_000, factor: 2, jitter: 0.3 }
  const topic = workerTopic(clientId)
  let connected = false
  let since: EpochMs | null = null
  let problem: string | null = 'not connected yet'
  let sessionLost: ConnectionFacts['sessionLost'] = null
  let had = false
  /** Tries since a connection held. */
  let failures = 0
  /** Connections in a row that did not hold. */
  let brief = 0
  let holding = new AbortController()
  let told = false

  const client = connect(settings.url, {
    ...optionsOf(settings, clientId, tuning, topic),
    manualConnect: true,
  })
  client.handleMessage = (packet, callback) => deps.onPublish(packet, callback)

  // Before each try: how long to wait after it, should it fail. mqtt.js looks at the option when a connection ends.
  const planNextTry = () => {
    failures += 1
    client.options.reconnectPeriod = backoffMs(backoff, failures, random)
  }

  client.on('packetreceive', (packet) => {
    if (packet.cmd !== 'connack' || (packet.reasonCode ?? packet.returnCode) !== 0) return
    if (had && !packet.sessionPresent) {
      sessionLost = { times: (sessionLost?.times ?? 0) + 1, at: clock.now() }
      metrics.count('mqtt_session_lost_total')
      log.error({ broker: settings.url }, 'the broker has forgotten our session: what it kept for us is lost')
    }
    had = true
    deps.onSession(packet.sessionPresent)
  })
  client.on('connect', () => {
    connected = true
    told = false
    since = clock.now()
    if (problem !== TWICE) problem = null
    metrics.gauge('mqtt_connected', {}, 1)
    log.info({ broker: settings.url, client: clientId, version: settings.version }, 'connected to the broker')
    client.publish(topic, 'online', { qos: 0, retain: true })
    holding = new AbortController()
    clock.sleep(STEADY_MS, holding.signal).then(steady, () => undefined) // aborted: it did not hold
    deps.onConnect()
  })
  client.on('reconnect', () => {
    told = false
    metrics.count('mqtt_reconnects_total')
    planNextTry()
  })
  client.on('disconnect', ({ reasonCode }) => {
    trouble(
      reasonCode === TAKEN_OVER ? TWICE : `the broker closed the connection (reason ${reasonCode ?? 0})`,
    )
  })
  client.on('error', (error) => trouble(textOf(error)))
  client.on('close', () => {
    metrics.gauge('mqtt_connected', {}, 0)
    holding.abort()
    if (connected) {
      since = clock.now()
      brief += 1
      trouble(brief < FLAPPING ? 'the connection was closed' : TWICE)
    }
    connected = false
  })

  function steady(): void {
    failures = 0
    brief = 0
    problem = null
    planNextTry()
  }

  /** Of one break the first word counts: it is the cause. */
  function trouble(what: string): void {
    if (told) return
    told = true
    problem = what
    const level = failures <= 3 || failures % 10 === 0 ? 'warn' : 'debug'
    log[level]({ broker: settings.url, client: clientId, problem }, 'the connection to the broker failed')
  }

  return {
    client,
    get facts() {
      return { connected, since, problem, sessionLost }
    },
    start() {
      planNextTry()
      client.connect()
    },
    async stop() {
      holding.abort()
      told = true // that it closes now is no trouble
      if (connected) client.publish(topic, 'offline', { qos: 0, retain: true })
      // A broker that does not answer must not keep a worker from ending.
      const abort = new AbortController()
      await Promise.race([
        client.endAsync(!connected),
        clock.sleep(STOP_MS, abort.signal).catch(() => undefined),
      ])
      abort.abort()
      client.stream.destroy()
    },
  }
}

const optionsOf = (
  settings: MqttSettings,
  clientId: string,
  tuning: MqttTuning,
  topic: string,
): IClientOptions => ({
  clientId,
  clean: false,
  protocolVersion: settings.version === '5' ? 5 : 4,
  ...(settings.username === null ? {} : { username: settings.username }),
  ...(settings.password === null ? {} : { password: settings.password }),
  keepalive: tuning.keepaliveSeconds,
  connectTimeout: tuning.connectTimeoutMs,
  reconnectPeriod: tuning.reconnectMs,
  // A broker that refuses us now (a password that is being changed) may take us later.
  reconnectOnConnackError: true,
  // We subscribe ourselves: mqtt.js does not look at what the broker answers.
  resubscribe: false,
  queueQoSZero: false,
  will: {
    topic,
    payload: Buffer.from('offline'),
    qos: 1,
    retain: true,
    ...(settings.version === '5' ? { properties: { willDelayInterval: WILL_DELAY_SECONDS } } : {}),
  },
  ...(settings.version === '5'
    ? {
        properties: {
          sessionExpiryInterval: settings.share === null ? SESSION_SECONDS : SHARED_SESSION_SECONDS,
          receiveMaximum: tuning.window,
          maximumPacketSize: MAX_PACKET_BYTES,
        },
      }
    : {}),
})

/** Several addresses that all refuse come as one error without a text. */
function textOf(error: Error & { code?: unknown; errors?: readonly Error[] }): string {
  return (
    error.message || error.errors?.map((each) => each.message).join('; ') || String(error.code ?? error.name)
  )
}
