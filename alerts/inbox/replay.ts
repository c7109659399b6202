import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Database, Queryable } from '../../core/ports/database.ts'
import type { MessageReceiver } from '../../core/ports/messages.ts'
import type { Log, Metrics } from '../../core/ports/telemetry.ts'
import type { InboundTopic } from '../../core/topics.ts'
import { buryMessages } from './dead-letters.ts'

/** A message that could not be applied, as it is listed. */
export interface DeadLetterFacts {
  /** `bigint` as text. */
  readonly id: string
  readonly at: Date
  readonly topic: string
  readonly bytes: number
  readonly error: string
  readonly replayedAt: Date | null
  readonly replayedBy: string | null
  readonly outcome: ReplayOutcome | null
}

/** `refused`: it failed again, and a new dead letter says why. */
export type ReplayOutcome = 'applied' | 'refused'

export interface Replayed {
  readonly id: string
  readonly topic: string
  readonly outcome: ReplayOutcome
  /** Why it was refused; null: it was applied. */
  readonly error: string | null
}

export interface ReplayDeps {
  readonly database: Database
  readonly receivers: Readonly<Partial<Record<InboundTopic, MessageReceiver>>>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

const FACTS = `id, at, topic, octet_length(bytes) as bytes, error, replayed_at as "replayedAt", replayed_by as "replayedBy",
               replay_outcome as outcome`

/** The newest dead letters first; those that were replayed only when asked for. */
export async function listDeadLetters(
  db: Queryable,
  { replayed, limit }: { readonly replayed: boolean; readonly limit: number },
): Promise<readonly DeadLetterFacts[]> {
  const { rows } = await db.query<DeadLetterFacts>(
    `select ${FACTS} from dead_letters where $1 or replayed_at is null order by id desc limit $2`,
    [replayed, limit],
  )
  return rows
}

/** One with its bytes, as they came. Rejects with `not_found`. */
export async function readDeadLetter(
  db: Queryable,
  id: string,
): Promise<DeadLetterFacts & { readonly content: Buffer }> {
  const { rows } = await db.query<DeadLetterFacts & { content: Buffer }>(
    `select ${FACTS}, bytes as content from dead_letters where id = $1`,
    [id],
  )
  return rows[0] ?? missing(id)
}

/** Ids of all that wait, in the order in which they came: what one event says comes in its order. */
export async function waitingDeadLetters(db: Queryable): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(
    'select id from dead_letters where replayed_at is null order by id',
  )
  return rows.map(({ id }) => id)
}

/**
 * Hands the bytes to their receiver again, for example after a newer version understands them. First the receiver
 * commits, then the letter is marked with who did it: killed in between it can be replayed once more, and the receiver
 * knows the message. Rejects with `not_found`, with `state_conflict` when it is replayed or being replayed, and with
 * what the receiver throws while the database is away.
 */
export async function replayDeadLetter(deps: ReplayDeps, id: string, actor: string): Promise<Replayed> {
  const { database, receivers, clock, log, metrics } = deps
  return database.transaction(async (tx) => {
    const { topic, content } = await lockLetter(tx, id)
    const receiver = receivers[topic as InboundTopic]
    if (!receiver)
      throw new SharpEyesError('state_conflict', `dead letter ${id}: nobody here takes messages of ${topic}`)
    const [refused] = await receiver.receive([content])
    const outcome: ReplayOutcome = refused ? 'refused' : 'applied'
    await tx.query(
      'update dead_letters set replayed_at = $2, replayed_by = $3, replay_outcome = $4 where id = $1',
      [id, new Date(clock.now()), actor, outcome],
    )
    // Now that the old row no longer stands for these bytes. The receiver saw it there and wrote none of its own.
    if (refused) await buryMessages(tx, topic, [{ raw: content, error: refused.error }])
    metrics.count('dead_letters_replayed_total', { topic, outcome })
    log.info({ id, topic, actor, outcome }, 'a dead letter was replayed')
    return { id, topic, outcome, error: refused?.error ?? null }
  })
}

/** Locked until the end of the transaction: of two who replay it, one does. */
async function lockLetter(tx: Queryable, id: string): Promise<{ topic: string; content: Buffer }> {
  const { rows } = await tx.query<{ topic: string; content: Buffer }>(
    `select topic, bytes as content from dead_letters where id = $1 and replayed_at is null
        for update skip locked`,
    [id],
  )
  const [letter] = rows
  if (letter) return letter
  const { replayedAt, replayedBy } = await readDeadLetter(tx, id)
  throw new SharpEyesError(
    'state_conflict',
    replayedAt
      ? `dead letter ${id} was replayed by ${replayedBy} at ${replayedAt.toISOString()}`
      : `dead letter ${id} is being replayed by somebody else now`,
  )
}

const missing = (id: string): never => {
  throw new SharpEyesError(
    'not_found',
    `there is no dead letter ${id}; "sharp-eyes dead-letters list" shows them`,
  )
}
