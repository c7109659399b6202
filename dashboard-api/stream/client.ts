import { once } from 'node:events'
import type { Response } from 'express'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database } from '../../core/ports/database.ts'
import type { Metrics } from '../../core/ports/telemetry.ts'
import { hasAny, type PersonActor } from '../auth/people.ts'
import type { Pulse } from './pulse.ts'
import { BATCH, type ChangeReader, readAfter } from './reader.ts'
import { type ChangeRow, mayHear } from './rights.ts'

const HEARTBEAT_MS = 15_000
/** What a browser may leave unread before it is cut off; it comes back with Last-Event-ID and loses nothing. */
const MAX_BACKLOG_BYTES = 1024 * 1024
const DRAIN_MS = 20_000

interface StreamClient {
  readonly response: Response
  readonly actor: PersonActor
  /** Last position that the browser has, or that it asked to begin after. */
  readonly after: bigint
  /** Tell it first to read everything again. */
  readonly reset: boolean
  readonly signal: AbortSignal
}

/**
 * Sends changes after a position until the signal: first what the log has, then what the shared reader brings. The
 * change-over happens in one step without an await, so that no row is missed, and what was sent is never sent again.
 */
export async function runClient(
  client: StreamClient,
  deps: { database: Database; reader: ChangeReader; claims: Pulse; clock: Clock; metrics: Metrics },
): Promise<void> {
  const { response, actor, signal } = client
  const { reader, metrics } = deps
  /** Everything up to here was sent or is not for this person. */
  let position = client.after
  /** The id that the browser has. */
  let told = client.reset ? null : client.after

  const send = (rows: readonly ChangeRow[]): void => {
    let text = ''
    for (const row of rows) {
      const pos = BigInt(row.pos)
      if (pos <= position) continue
      position = pos
      if (!mayHear(actor, row)) continue
      text += toEvent(row)
      told = pos
    }
    if (text) response.write(text)
  }

  response.write('retry: 2000\n\n')
  // Without data the browser would not dispatch it (the standard says so), hence the empty object.
  if (client.reset) {
    response.write(`event: reset\nid: ${position}\ndata: {}\n\n`)
    told = position
  }
  for (;;) {
    if (signal.aborted) return
    const rows = await readAfter(deps.database, position)
    send(rows)
    if (response.writableLength > MAX_BACKLOG_BYTES / 2 && !(await drained(response, deps.clock, signal))) {
      metrics.count('stream_clients_cut_total', { reason: 'slow' })
      return
    }
    if (rows.length < BATCH && reader.position() <= position) break
  }
  const done = Promise.withResolvers<void>()
  using _live = reader.subscribe((rows) => {
    send(rows)
    if (response.writableLength <= MAX_BACKLOG_BYTES) return
    metrics.count('stream_clients_cut_total', { reason: 'slow' })
    done.resolve()
  })
  // No id: it is no change of the log, and Last-Event-ID stays what it was.
  using _claims = hasAny(actor, ['operator'])
    ? deps.claims.subscribe(() => response.write('event: claims\ndata: {}\n\n'))
    : undefined
  signal.addEventListener('abort', () => done.resolve(), { once: true })
  if (signal.aborted) return
  const stopBeat = new AbortController()
  const beat = async (): Promise<void> => {
    for (;;) {
      await deps.clock.sleep(HEARTBEAT_MS, stopBeat.signal)
      // An id without data moves Last-Event-ID and dispatches nothing: rows that are not for this person must not
      // make its position too old.
      response.write(told === position ? ':\n\n' : `:\nid: ${position}\n\n`)
      told = position
    }
  }
  const beating = beat().catch(() => undefined) // ends by abort only
  await done.promise
  stopBeat.abort()
  await beating
}

/** JSON has no raw line breaks, so one `data:` line is enough; keys are stripped of them. */
function toEvent({ pos, topic, key, at, payload }: ChangeRow): string {
  return `id: ${pos}\nevent: ${topic}\ndata: ${JSON.stringify({ topic, key, at: at.toISOString(), payload })}\n\n`
}

/** False: the browser did not read for too long. */
async function drained(response: Response, clock: Clock, signal: AbortSignal): Promise<boolean> {
  if (!response.writableNeedDrain) return true
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  try {
    return await Promise.race([
      once(response, 'drain', { signal: either }).then(() => true),
      clock.sleep(DRAIN_MS, either).then(() => false),
    ])
  } catch {
    return false // the connection is being closed
  } finally {
    stop.abort()
  }
}
