import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { Once } from '../../core/ports/commands.ts'
import type { Queryable } from '../../core/ports/database.ts'
import type { Log } from '../../core/ports/telemetry.ts'

/** How long a call may come again, milliseconds. A phone that was away for longer finds its key forgotten. */
export const KEPT_MS = 7 * 86_400_000

export interface Answered<T> {
  readonly answer: T
  /** True: the effect is of an earlier call, and this one had none. */
  readonly again: boolean
}

/**
 * Runs `work` once for each key of a person, inside the caller's transaction: the key, the effect and the answer commit
 * together or not at all. A second call with the key waits for the first, then has its answer. What was refused left
 * nothing, so that a later call with the key is judged anew. Lock order: key → alert → case.
 * Throws `key_reused` when the key stands for another request.
 */
export async function onceOnly<T extends object>(
  tx: Queryable,
  once: Once | undefined,
  caller: { readonly person: string; readonly now: number },
  work: () => Promise<T>,
): Promise<Answered<T>> {
  if (!once) return { answer: await work(), again: false }
  const { person, now } = caller
  const { rowCount } = await tx.query(
    `insert into idempotency_keys (person, key, request, at) values ($1, $2, $3, $4)
     on conflict (person, key) do nothing`,
    [person, once.key, once.request, new Date(now)],
  )
  if (rowCount === 0) {
    const answer = await recall<T>(tx, once, person)
    if (answer) return { answer, again: true }
    throw new SharpEyesError('internal', `the key ${once.key} was neither taken nor found`)
  }
  const answer = await work()
  await tx.query('update idempotency_keys set answer = $3 where person = $1 and key = $2', [
    person,
    once.key,
    JSON.stringify(answer),
  ])
  return { answer, again: false }
}

/** What a call with this key was answered; null: there was none, or it was refused. Throws `key_reused`. */
export async function recall<T extends object>(tx: Queryable, once: Once, person: string): Promise<T | null> {
  const { rows } = await tx.query<{ request: string; answer: T | null }>(
    'select request, answer from idempotency_keys where person = $1 and key = $2',
    [person, once.key],
  )
  const [row] = rows
  if (!row) return null
  if (row.request !== once.request) {
    throw new SharpEyesError(
      'key_reused',
      `Idempotency-Key: "${once.key}" was used for another request in the last 7 days; take a new key for a new request`,
    )
  }
  return row.answer
}

/** Nightly: keys older than seven days. */
export async function dropOldKeys(deps: {
  readonly database: Queryable
  readonly clock: Clock
  readonly log: Log
}): Promise<void> {
  const { rowCount } = await deps.database.query('delete from idempotency_keys where at < $1', [
    new Date(deps.clock.now() - KEPT_MS),
  ])
  deps.log.info({ deleted: rowCount }, 'old idempotency keys deleted')
}
