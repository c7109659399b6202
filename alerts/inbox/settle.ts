import { backoffMs } from '../../core/backoff.ts'
import type { Clock } from '../../core/ports/clock.ts'
import { failureOf, reasonOf, sqlState, UNIQUE_VIOLATION } from './failure.ts'

const MAX_TRIES = 8
const RETRY = { firstMs: 10, maxMs: 300, factor: 2, jitter: 0.5 }

interface Retrying {
  readonly clock: Clock
  readonly onRetry: () => void
}

interface Settling<T, R> extends Retrying {
  /** One transaction: everything that the batch means is there afterwards, or nothing. Answers what it refused. */
  readonly commit: (batch: readonly T[]) => Promise<readonly R[]>
  /** Puts aside the one message that can never be applied. */
  readonly refuse: (item: T, error: string) => Promise<R>
}

/** Commits a batch; on a data error halves it until the one message that causes it stands alone. Throws when the database is away. */
export async function settle<T, R>(batch: readonly T[], how: Settling<T, R>): Promise<readonly R[]> {
  try {
    return await retried(() => how.commit(batch), how)
  } catch (error) {
    if (!isOfTheData(error)) throw error
    const [first] = batch
    if (batch.length === 1 && first !== undefined) return [await how.refuse(first, reasonOf(error))]
  }
  const half = Math.ceil(batch.length / 2)
  return [...(await settle(batch.slice(0, half), how)), ...(await settle(batch.slice(half), how))]
}

/** Runs a transaction again while it loses races. Throws every other error as it is. */
export async function retried<T>(transaction: () => Promise<T>, { clock, onRetry }: Retrying): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await transaction()
    } catch (error) {
      if (failureOf(error) !== 'again' || tries === MAX_TRIES) throw error
      onRetry()
      await clock.sleep(backoffMs(RETRY, tries, Math.random))
    }
  }
}

/** A unique key that is still taken after so many tries is no race: the message collides with what is stored. */
const isOfTheData = (error: unknown): error is Error =>
  error instanceof Error && (failureOf(error) === 'data' || sqlState(error) === UNIQUE_VIOLATION)
