import type { EachBatchPayload } from 'kafkajs'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log } from '../../core/ports/telemetry.ts'
import type { DurationMs } from '../../core/units.ts'
import { createKafkaClient, KAFKA_RETRY } from './client.ts'
import { within } from './deadline.ts'
import type { KafkaSettings } from './settings.ts'

export interface LifeDeps {
  readonly settings: KafkaSettings
  readonly topic: string
  readonly groupId: string
  readonly sessionMs: DurationMs
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly handle: (payload: EachBatchPayload) => Promise<void>
  /** It has joined the group, with so many partitions. */
  readonly onJoined: (partitions: number) => void
}

/** Why a consumer ended. `silent`: neither a fetch nor a heartbeat for three session time-outs. */
export type LifeEnd =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'crashed'; readonly error: unknown }

/** Messages are there at once; without any the broker answers after this. */
const MAX_WAIT_MS = 200
/** Partitions that are handled side by side: all of a topic, so that their messages can share transactions. */
const AT_ONCE = 12
const CLOSE_MS = 10_000

/**
 * One consumer of kafkajs from connecting to its end, whatever ends it. kafkajs would start itself again after some
 * failures and end quietly after others: here every end is an end, and the caller builds a new one with a new client.
 */
export async function liveOnce(deps: LifeDeps): Promise<LifeEnd> {
  const { settings, topic, groupId, sessionMs, clock, log, signal } = deps
  const silentMs = 3 * sessionMs
  const consumer = createKafkaClient(settings, {
    clientId: 'sharp-eyes',
    log,
    requestTimeoutMs: sessionMs,
  }).consumer({
    groupId,
    sessionTimeout: sessionMs,
    heartbeatInterval: Math.round(sessionMs / 3),
    // Shorter than the watchdog's patience: a join that waits for a slow member is no silence.
    rebalanceTimeout: 2 * sessionMs,
    maxWaitTimeInMs: MAX_WAIT_MS,
    minBytes: 1,
    maxBytesPerPartition: 1 << 20,
    maxBytes: 8 << 20,
    allowAutoTopicCreation: false,
    metadataMaxAge: 60_000,
    retry: { ...KAFKA_RETRY, restartOnFailure: async () => false },
  })
  const crashed = Promise.withResolvers<LifeEnd>()
  let signAt = clock.now()
  const sign = () => {
    signAt = clock.now()
  }
  consumer.on(consumer.events.FETCH, sign)
  consumer.on(consumer.events.HEARTBEAT, sign)
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    sign()
    deps.onJoined(payload.memberAssignment[topic]?.length ?? 0)
  })
  consumer.on(consumer.events.CRASH, ({ payload }) =>
    crashed.resolve({ kind: 'crashed', error: payload.error }),
  )

  let isOver = false
  async function start(): Promise<void> {
    await consumer.connect()
    // A group that is new here begins with what is there: it was sent for us.
    if (!isOver) await consumer.subscribe({ topics: [topic], fromBeginning: true })
    if (isOver) return
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: AT_ONCE,
      eachBatch: async (payload) => (isOver ? undefined : deps.handle(payload)),
    })
  }

  const watching = new AbortController()
  async function silence(): Promise<LifeEnd> {
    while (clock.now() - signAt < silentMs) await clock.sleep(sessionMs / 4, watching.signal)
    return { kind: 'silent' }
  }
  const stopped = new Promise<LifeEnd>((done) => {
    const stop = () => done({ kind: 'stopped' })
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  const starting = start()
  try {
    return await Promise.race([
      crashed.promise,
      stopped,
      failureOf(starting),
      silence().catch(() => new Promise<never>(() => undefined)), // another end was first
    ])
  } finally {
    isOver = true
    watching.abort()
    // Not before it has started: kafkajs forgets a runner that is stopped while it joins, and that one would hold its
    // partitions for ever. A handler that hangs holds the end up; it can move nothing any more and is left behind.
    const closed = starting.catch(() => undefined).then(() => consumer.disconnect())
    await within(clock, CLOSE_MS, `leaving ${groupId}`, closed).catch((error: Error) =>
      log.warn({ groupId, error: error.message }, 'a consumer did not close and is left behind'),
    )
  }
}

/** Settles only when the start fails: once it runs, others say when it ends. */
const failureOf = (starting: Promise<void>): Promise<LifeEnd> =>
  new Promise((end) => {
    starting.catch((error: unknown) => end({ kind: 'crashed', error }))
  })
