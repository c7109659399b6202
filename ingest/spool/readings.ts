import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { ReadingSink } from '../../core/ports/messages.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { ReadingsMessage } from '../../core/reading.ts'
import { createArrival } from './arrival.ts'
import type { ReadingsFacts, ReadingsResult, SpoolRequest, TakenRecord } from './protocol.ts'

export type ReadingsState = ReadingsFacts['state']

interface SpooledReadings {
  readonly id: number
  readonly message: ReadingsMessage
}

/** The readings' side of the spool: bounded by its own share, so that a flood of readings leaves events alone. */
export interface ReadingsSpool extends ReadingSink {
  /** How it stood after the last request to the spool. */
  readonly facts: ReadingsFacts
  /**
   * One commit for all, or rejects with `spool_full` or `disk_full` and has stored none: the device is not answered and
   * sends them again. A message that waits here already is stored once.
   */
  append(messages: readonly ReadingsMessage[]): Promise<void>
  /** The oldest messages, so in order per device; at most `limit` and about half a MiB, but always one. */
  take(limit: number): Promise<readonly SpooledReadings[]>
  remove(ids: readonly number[]): Promise<void>
  /** Resolves when there is something to take; rejects with the signal's reason. */
  filled(signal: AbortSignal): Promise<void>
}

/** A request of the direct transport over HTTP or of Kafka stays well under a MiB with it. */
const TAKE_BYTES = 512 * 1_024

export function createReadingsSpool(deps: {
  readonly folder: string
  readonly log: Log
  readonly metrics: Metrics
  readonly clock: Clock
  readonly ask: <T>(request: SpoolRequest) => Promise<T>
  readonly onState: (state: ReadingsState) => void
}) {
  const { folder, log, metrics, clock, ask } = deps
  const arrival = createArrival()
  let facts: ReadingsFacts = { records: 0, bytes: 0, oldestAt: null, state: 'ok' }

  function enter(next: ReadingsState): void {
    metrics.gauge('spool_readings_full', {}, next === 'ok' ? 0 : 1)
    if (next === 'ok') log.info({ folder }, 'the spool takes readings again')
    else log.error({ folder, state: next, records: facts.records, bytes: facts.bytes }, ALARMS[next])
    deps.onState(next)
  }

  function learn(next: ReadingsFacts): void {
    const before = facts.state
    facts = next
    metrics.gauge('spool_readings_records', {}, next.records)
    metrics.gauge('spool_readings_bytes', {}, next.bytes)
    metrics.gauge(
      'spool_readings_oldest_seconds',
      {},
      next.oldestAt === null ? 0 : (clock.now() - next.oldestAt) / 1000,
    )
    if (next.records > 0) arrival.came()
    if (next.state !== before) enter(next.state)
  }

  const spool: ReadingsSpool = {
    get facts() {
      return facts
    },
    async append(messages) {
      if (messages.length === 0) return
      const at = clock.now()
      const records = messages.map((message) => ({
        device: message.data.device,
        messageId: message.id,
        body: JSON.stringify(message),
        at,
      }))
      const result = await ask<ReadingsResult>({ kind: 'append_readings', records })
      if (result.kind === 'refused') {
        metrics.count('spool_readings_refused_total', { code: result.code }, messages.length)
        throw new SharpEyesError(
          result.code,
          `${REFUSALS[result.code]} (${folder}): ${messages.length} messages of readings refused, the first of device ${messages[0]?.data.device}`,
        )
      }
      metrics.count('spool_readings_appended_total', {}, messages.length - result.repeated)
      if (result.repeated > 0) metrics.count('spool_readings_repeated_total', {}, result.repeated)
    },
    async take(limit) {
      const records = await ask<readonly TakenRecord[]>({ kind: 'take_readings', limit, bytes: TAKE_BYTES })
      return records.map(({ id, body }) => ({ id, message: JSON.parse(body) as ReadingsMessage }))
    },
    async remove(ids) {
      await ask({ kind: 'remove_readings', ids })
      if (facts.records === 0) arrival.gone()
    },
    filled: (signal) => arrival.wait(signal),
  }
  return { spool, learn, failed: () => arrival.came() }
}

const ALARMS: Record<Exclude<ReadingsState, 'ok'>, string> = {
  full: "the readings' share of the spool is full: devices are not answered until some have left; is the way to the database open?",
  disk_full:
    'the disk of the spool is full: readings are refused, devices are not answered; free space on this disk',
}

const REFUSALS = {
  spool_full: "the readings' share of the spool is full: it holds as much as its limit allows",
  disk_full: 'the disk of the spool is full: free space on it',
}
