import type { Database, Queryable } from '../../core/ports/database.ts'

const TRIES = 5
/** SQLSTATE lock_not_available. */
const NO_LOCK = '55P03'

/**
 * A transaction that takes heavy locks: it waits two seconds for one at most, since everybody who comes after it waits
 * behind it, lets them by, and tries again. Throws what the last try threw.
 */
export async function withLockTimeout<T>(
  database: Database,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await database.transaction(async (tx) => {
        await tx.query("set local lock_timeout = '2s'")
        return work(tx)
      })
    } catch (error) {
      if (tries === TRIES || (error as { code?: unknown }).code !== NO_LOCK) throw error
    }
  }
}
