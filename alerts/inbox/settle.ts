import { backoffMs } from '../../core/backoff.ts'
import type { Clock } from '../../core/ports.ts'
import { failureOf, reasonOf, sqlState, UNIQUE_VIOLATION } from './failure.ts'

const MAX_TRIES = 8
const RETRY = { firstMs: 10, maxMs: 300, factor: 2, jitter: 0.5 }

interface Settling<T, R> {
  /** One transaction: everything that the batch means is there afterwards, or nothing. Answers what it refused. */
  readonly commit: (batch: readonly T[]) => Promise<readonly R[]>
  /** Puts aside the one message that can never be applied. */
  readonly refuse: (item: T, error: string) => Promise<R>
  readonly clock: Clock
  readonly onRetry: () => void
}

/** Commits a batch; on a data error halves it until the one message that causes it stands alone. Throws when the database is away. */
export async function settle<T, R>(batch: readonly T[], how: Settling<T, R>): Promise<readonly R[]> {
  const done = await commitAgain(batch, how)
  if ('refused' in done) return done.refused
  const [first] = batch
  if (batch.length === 1 && first !== undefined) return [await how.refuse(first, reasonOf(done.failure))]
  const half = Math.ceil(batch.length / 2)
  return [...(await settle(batch.slice(0, half), how)), ...(await settle(batch.slice(half), how))]
}

/** A failure: of the data, and no repetition will help. */
async function commitAgain<T, R>(
  batch: readonly T[],
  { commit, clock, onRetry }: Settling<T, R>,
): Promise<{ refused: readonly R[] } | { failure: Error }> {
  for (let tries = 1; ; tries += 1) {
    try {
      return { refused: await commit(batch) }
    } catch (error) {
      const failure = failureOf(error)
      if (failure === 'data' && error instanceof Error) return { failure: error }
      if (failure !== 'again') throw error
      if (tries === MAX_TRIES) {
        // A unique key that is still taken after so many tries is no race: the message collides with what is stored.
        if (sqlState(error) === UNIQUE_VIOLATION && error instanceof Error) return { failure: error }
        throw error
      }
      onRetry()
      await clock.sleep(backoffMs(RETRY, tries, Math.random))
    }
  }
}
