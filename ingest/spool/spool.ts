import { mkdir } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { SharpEyesError } from '../../core/errors.ts'
import type { HazardMessage } from '../../core/event.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { EventSink } from '../../core/ports/messages.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import { createArrival } from './arrival.ts'
import type {
  AppendResult,
  OpenRecord,
  PendingEvent,
  SpoolAnswer,
  SpoolFacts,
  SpoolLimits,
  SpoolRequest,
  TakenRecord,
  ThreadStart,
} from './protocol.ts'
import { createReadingsSpool, type ReadingsSpool, type ReadingsState } from './readings.ts'

/** `failed`: the spool's thread is gone; nothing is taken any more and the worker must be started again. */
export type SpoolState = SpoolFacts['state'] | 'failed'

export interface SpoolDeps {
  /** A folder of this worker alone, on a local disk. */
  readonly folder: string
  readonly log: Log
  readonly metrics: Metrics
  readonly clock: Clock
  readonly limits?: Partial<SpoolLimits>
  /** Called when the state changes: the alarm. With `disk_full` the caller sheds the ring. */
  readonly onState?: (state: SpoolState) => void
  /** The same of the readings' share: `disk_full` says that devices have to wait for space on this disk. */
  readonly onReadingsState?: (state: ReadingsState) => void
}

interface SpooledMessage {
  readonly id: number
  readonly message: HazardMessage
}

/** The worker's own disk (invariant 1). What `append` resolved is there after kill -9. */
export interface Spool extends EventSink, AsyncDisposable {
  readonly state: SpoolState
  /** How it stood after the last request. */
  readonly facts: SpoolFacts
  /** Rejects an update with `spool_full` or `disk_full`; a start or an end only when there is no byte left. */
  append(message: HazardMessage): Promise<void>
  /** The next messages to send, severity 1 first; they stay until `remove`. */
  take(limit: number): Promise<readonly SpooledMessage[]>
  remove(ids: readonly number[]): Promise<void>
  /** Resolves when there is something to take; rejects with the signal's reason. */
  filled(signal: AbortSignal): Promise<void>
  /** The last committed message of each event that has not ended. */
  openEvents(): Promise<readonly HazardMessage[]>
  /** Events with messages that the other side does not have yet → whether their end is one of them. */
  pendingEvents(): Promise<ReadonlyMap<string, boolean>>
  /** These events are no longer this worker's: another one has adopted them. */
  forget(eventIds: readonly string[]): Promise<void>
  /** Readings of sensors: same file and thread, a table and a share of their own. */
  readonly readings: ReadingsSpool
}

const MIB = 1 << 20
const LIMITS: SpoolLimits = { maxBytes: 512 * MIB, readingsBytes: 512 * MIB, ballastBytes: 16 * MIB }
const NONE = { records: 0, bytes: 0, oldestAt: null, state: 'ok' } as const
const EMPTY: SpoolFacts = { ...NONE, readings: NONE }

/** Opens the spool of a folder, with what a former process left in it. Only one process may have it open. */
export async function openSpool(deps: SpoolDeps): Promise<Spool> {
  const { folder, log, metrics, clock } = deps
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const start: ThreadStart = { folder, limits: { ...LIMITS, ...deps.limits } }
  const thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData: start, name: 'spool' })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let facts = EMPTY
  let state: SpoolState = 'ok'
  let failure: SharpEyesError | null = null
  let closing = false
  let lastId = 0
  const arrival = createArrival()
  const readings = createReadingsSpool({
    ...{ folder, log, metrics, clock, ask },
    onState: (next) => deps.onReadingsState?.(next),
  })

  thread.on('message', (answer: SpoolAnswer) => {
    const asked = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (!answer.ok)
      return asked?.reject(new SharpEyesError('internal', `the spool in ${folder}: ${answer.error}`))
    if (!closing) learn(answer.facts)
    asked?.resolve(answer.value)
  })
  thread.on('error', (error) => fail(error instanceof Error ? error.message : String(error)))
  thread.on('exit', (code) => {
    if (!closing) fail(`its thread ended (exit ${code})`)
  })

  function learn(next: SpoolFacts): void {
    facts = next
    readings.learn(next.readings)
    metrics.gauge('spool_records', {}, next.records)
    metrics.gauge('spool_bytes', {}, next.bytes)
    metrics.gauge(
      'spool_oldest_seconds',
      {},
      next.oldestAt === null ? 0 : (clock.now() - next.oldestAt) / 1000,
    )
    if (next.records > 0) arrival.came()
    enter(next.state)
  }

  function enter(next: SpoolState): void {
    if (next === state || state === 'failed') return
    state = next
    metrics.gauge('spool_full', {}, next === 'ok' ? 0 : 1)
    if (next === 'ok') log.info({ folder }, 'the spool takes everything again')
    else log.error({ folder, state: next, records: facts.records, bytes: facts.bytes }, ALARMS[next])
    deps.onState?.(next)
  }

  function fail(why: string): void {
    failure ??= new SharpEyesError(
      'internal',
      `the spool in ${folder} does not work: ${why}. Events cannot be kept; check the disk and the folder's rights, and that no other worker uses it`,
    )
    enter('failed')
    for (const asked of waiting.values()) asked.reject(failure)
    waiting.clear()
    arrival.came() // who waits for messages asks for them, and hears the failure
    readings.failed()
  }

  function ask<T>(request: SpoolRequest): Promise<T> {
    if (failure) return Promise.reject(failure)
    lastId += 1
    const asked = Promise.withResolvers<unknown>()
    waiting.set(lastId, asked)
    thread.postMessage({ id: lastId, request })
    return asked.promise as Promise<T>
  }

  // The first answer says whether the file could be opened, and what is in it.
  await ask<readonly OpenRecord[]>({ kind: 'open_events' }).catch(async (error: unknown) => {
    closing = true
    await thread.terminate()
    throw error
  })

  return {
    get state() {
      return state
    },
    get facts() {
      return facts
    },
    async append(message) {
      const { event, epoch, seq, kind } = message.data
      const result = await ask<AppendResult>({
        kind: 'append',
        record: {
          eventId: event.id,
          sourceId: event.source.id,
          epoch,
          seq,
          kind,
          severity: event.severity,
          body: JSON.stringify(message),
          at: clock.now(),
        },
      })
      if (result.kind === 'refused') {
        metrics.count('spool_refused_total', { kind, code: result.code })
        throw new SharpEyesError(
          result.code,
          `${REFUSALS[result.code]} (${folder}): ${kind} of ${event.id} refused`,
        )
      }
      metrics.count('spool_appended_total', { kind })
      if (result.superseded > 0) metrics.count('spool_superseded_total', {}, result.superseded)
    },
    async take(limit) {
      const records = await ask<readonly TakenRecord[]>({ kind: 'take', limit })
      return records.map(({ id, body }) => ({ id, message: JSON.parse(body) as HazardMessage }))
    },
    async remove(ids) {
      await ask({ kind: 'remove', ids })
      if (facts.records === 0) arrival.gone()
    },
    filled: (signal) => arrival.wait(signal),
    readings: readings.spool,
    async openEvents() {
      const records = await ask<readonly OpenRecord[]>({ kind: 'open_events' })
      return records.map(({ body }) => JSON.parse(body) as HazardMessage)
    },
    async pendingEvents() {
      const pending = await ask<readonly PendingEvent[]>({ kind: 'pending_events' })
      return new Map(pending.map(({ eventId, ends }) => [eventId, ends === 1]))
    },
    async forget(eventIds) {
      if (eventIds.length > 0) await ask({ kind: 'forget', eventIds })
    },
    async [Symbol.asyncDispose]() {
      if (closing) return
      closing = true
      const exited = new Promise<void>((done) => {
        thread.once('exit', () => done())
      })
      // After a failure there is nobody to ask; the thread only has to be gone.
      if (failure) await thread.terminate()
      else await ask({ kind: 'close' }).then(() => exited)
    },
  }
}

const ALARMS: Record<Exclude<SpoolState, 'ok'>, string> = {
  full: 'the spool is full: updates are refused, starts and ends are still taken; is the way to the database open?',
  disk_full: 'the disk is full: the ballast was released, updates are refused; free space on this disk',
  failed: 'the spool has failed: events cannot be kept',
}

const REFUSALS = {
  spool_full: 'the spool is full: it holds as much as its limit allows and cannot hand it on',
  disk_full: 'the disk of the spool is full: free space on it',
}
