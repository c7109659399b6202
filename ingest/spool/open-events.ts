import { SharpEyesError } from '../../core/errors.ts'
import { type EventKind, type HazardEvent, toMessage } from '../../core/event.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Log, Metrics, Tracer } from '../../core/ports/telemetry.ts'
import { noTracer } from '../../core/trace.ts'
import type { DurationMs, EpochMs } from '../../core/units.ts'
import type { Spool } from './spool.ts'

export interface EventChange {
  readonly kind: EventKind
  readonly event: HazardEvent
}

/** An event that has not ended, as this worker published it last. */
interface OpenEvent {
  readonly event: HazardEvent
  readonly epoch: number
  readonly seq: number
  /** False: left by a former process and not adopted yet; it is not sent again until somebody publishes it. */
  readonly live: boolean
}

export interface OpenEvents {
  /**
   * Gives the change its place (epoch, seq) and appends it to the spool; resolves after the commit. Rejects when the
   * spool refuses it; an open event's refused start or end is tried again by `run`, so the caller need not.
   * Publishing an event of `openOf` under a new epoch adopts it.
   */
  publish(change: EventChange, epoch: number): Promise<void>
  /**
   * Takes over every open event of a source under a new epoch: those of a former process on this disk, and those of
   * another worker, which only the database knows. What the database no longer has as open, and nothing here is on its
   * way to it, has ended elsewhere and is forgotten. A full spool does not stand in the way: `run` sends them later.
   */
  adopt(
    sourceId: string,
    epoch: number,
    openInDatabase: () => Promise<readonly HazardEvent[]>,
  ): Promise<readonly HazardEvent[]>
  /** Open events of a camera or sensor, also those of a former process that are not adopted yet. */
  openOf(sourceId: string): readonly OpenEvent[]
  /** Whether it is open here, or has ended here: then its end is on its way. */
  knows(eventId: string): boolean
  /** The lease of this source is lost: its events are another worker's now. They do not end. */
  forget(sourceId: string): Promise<void>
  /** Sends again what is due; returns how many. */
  runOnce(): Promise<number>
  run(signal: AbortSignal): Promise<void>
}

/** Open events are sent again as often (DESIGN 3.4); a refused start or end is tried again as often as this. */
const RESEND_MS: DurationMs = 30_000
const RETRY_MS: DurationMs = 5_000
const LOOK_MS: DurationMs = 1_000
const MAX_REMEMBERED_ENDS = 10_000

interface Entry {
  event: HazardEvent
  epoch: number
  seq: number
  live: boolean
  sentAt: EpochMs
  /** A start or end that the spool could not take: it does not exist yet. */
  owed: 'start' | 'end' | null
}

/** The worker's open events: restored from the spool, where each append keeps them up to date in the same commit. */
export async function createOpenEvents(deps: {
  spool: Pick<Spool, 'append' | 'openEvents' | 'pendingEvents' | 'forget'>
  worker: string
  clock: Clock
  log: Log
  metrics: Metrics
  tracer?: Tracer
}): Promise<OpenEvents> {
  const { spool, worker, clock, log, metrics, tracer = noTracer } = deps
  const entries = new Map<string, Entry>()
  const ended = new Set<string>()
  for (const { data } of await spool.openEvents()) {
    const { event, epoch, seq } = data
    entries.set(event.id, { event, epoch, seq, live: false, sentAt: clock.now(), owed: null })
  }

  async function publish(change: EventChange, epoch: number): Promise<void> {
    const { event } = change
    const known = entries.get(event.id)
    refuseImpossible(change, known, epoch)
    // A start that was refused never was: what comes next is the start.
    const kind = known?.owed === 'start' && change.kind === 'update' ? 'start' : change.kind
    const seq = known?.epoch === epoch ? known.seq + 1 : 1
    const entry: Entry = known ?? { event, epoch, seq, live: true, sentAt: 0, owed: null }
    Object.assign(entry, { event, epoch, seq, live: true, sentAt: clock.now() })
    if (kind === 'end') entry.owed = 'end' // nothing may follow it, not even while it is being written
    entries.set(event.id, entry)
    try {
      const traceparent = tracer.context(event.id)
      await spool.append(toMessage(event, { kind, epoch, seq, worker, at: clock.now(), traceparent }))
    } catch (error) {
      if (kind !== 'update') entry.owed = kind
      throw error
    }
    if (kind === 'end') over(event.id)
    else if (entry.owed === 'start') entry.owed = null
  }

  function refuseImpossible({ kind, event }: EventChange, known: Entry | undefined, epoch: number): void {
    if (ended.has(event.id) || (known?.owed === 'end' && kind !== 'end'))
      throw new SharpEyesError(
        'state_conflict',
        `event ${event.id} has ended: ${kind} refused; a new hazard is a new event`,
      )
    if (known && epoch < known.epoch)
      throw new SharpEyesError(
        'state_conflict',
        `event ${event.id} belongs to epoch ${known.epoch} of the lease: ${kind} of epoch ${epoch} refused`,
      )
  }

  function over(id: string): void {
    entries.delete(id)
    ended.add(id)
    const [oldest] = ended
    if (ended.size > MAX_REMEMBERED_ENDS && oldest !== undefined) ended.delete(oldest)
  }

  const openAt = (sourceId: string) =>
    [...entries.values()].map(({ event }) => event).filter((event) => event.source.id === sourceId)

  async function drop(ids: readonly string[]): Promise<void> {
    for (const id of ids) entries.delete(id)
    await spool.forget(ids)
  }

  async function adopt(
    sourceId: string,
    epoch: number,
    openInDatabase: () => Promise<readonly HazardEvent[]>,
  ): Promise<readonly HazardEvent[]> {
    // In this order: what is not on its way now has arrived, so the answer that follows would have it.
    const onTheWay = await spool.pendingEvents()
    const there = await openInDatabase()
    const open = new Set(there.map((event) => event.id))
    const here = openAt(sourceId)
    const gone = here.filter(({ id }) => !open.has(id) && !onTheWay.has(id) && !entries.get(id)?.owed)
    await drop(gone.map(({ id }) => id))
    const known = here.filter((event) => entries.has(event.id))
    // The database does not have the end yet that is on its way from here.
    const elsewhere = there.filter(({ id }) => !entries.has(id) && !ended.has(id) && !onTheWay.get(id))
    const adopted = [...known, ...elsewhere].filter(({ id }) => entries.get(id)?.owed !== 'end')
    for (const event of adopted) {
      await publish({ kind: 'update', event }, epoch).catch((error: unknown) => {
        log.warn(
          { event: event.id, error: error instanceof Error ? error.message : String(error) },
          'the adoption of an open event was refused and is sent later',
        )
      })
    }
    return adopted
  }

  async function runOnce(): Promise<number> {
    const now = clock.now()
    const due = [...entries.values()].filter(
      (entry) => entry.live && now - entry.sentAt >= (entry.owed ? RETRY_MS : RESEND_MS),
    )
    const sent = await Promise.all(
      due.map(async (entry) => {
        try {
          await publish({ kind: entry.owed ?? 'update', event: entry.event }, entry.epoch)
          return 1
        } catch (error) {
          log.debug(
            { event: entry.event.id, error: error instanceof Error ? error.message : String(error) },
            'an open event could not be sent again',
          )
          return 0
        }
      }),
    )
    const count = sent.reduce<number>((sum, one) => sum + one, 0)
    if (count > 0) metrics.count('events_resent_total', {}, count)
    return count
  }

  return {
    publish,
    adopt,
    openOf: (sourceId) =>
      [...entries.values()]
        .filter((entry) => entry.event.source.id === sourceId && entry.owed !== 'end')
        .map(({ event, epoch, seq, live }) => ({ event, epoch, seq, live })),
    knows: (eventId) => entries.has(eventId) || ended.has(eventId),
    forget: (sourceId) => drop(openAt(sourceId).map(({ id }) => id)),
    runOnce,
    async run(signal) {
      while (!signal.aborted) {
        await runOnce()
        await clock.sleep(LOOK_MS, signal).catch(() => undefined) // aborted: the loop ends
      }
    },
  }
}
