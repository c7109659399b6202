export const UNIQUE_VIOLATION = '23505'
const CHECK_VIOLATION = '23514'

/** What a failed batch means. `again`: the same batch may succeed · `data`: one message of it never will. */
export type BatchFailure = 'again' | 'data' | 'away'

/**
 * Reads a thrown error of a batch. SQLSTATE classes: PostgreSQL manual, appendix A.
 * 40001 serialization failure, 40P01 deadlock, 55P03 lock not available, 23505 unique violation (another writer was
 * first) → again. So does 23514 that names no constraint: the row was on its way into the default partition while the
 * partition of its day was made, and goes there the next time. Class 22 (data exception, for example NUL in a string),
 * the rest of class 23 (a constraint) and 54 (a limit of the server, for example an index entry too long) → data. All
 * else (no connection, a missing column, no space) is the database's or the program's trouble: no message is to blame
 * for it, and none may be put aside.
 */
export function failureOf(error: unknown): BatchFailure {
  const state = sqlState(error)
  if (state !== null) {
    if (['40001', '40P01', '55P03', UNIQUE_VIOLATION].includes(state)) return 'again'
    if (state === CHECK_VIOLATION && constraintOf(error) === null) return 'again'
    return /^(22|23|54)/.test(state) ? 'data' : 'away'
  }
  // A time outside the calendar, or a number that JSON cannot say.
  return error instanceof RangeError ? 'data' : 'away'
}

/** The SQLSTATE of an error of PostgreSQL, else null. */
export function sqlState(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  const { code } = error
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null
}

/** The constraint that refused; null: PostgreSQL names none, as of the bounds of a partition. */
const constraintOf = (error: unknown): string | null =>
  typeof error === 'object' && error !== null && 'constraint' in error && typeof error.constraint === 'string'
    ? error.constraint
    : null

/** What PostgreSQL says of a bad value is in `detail`; the message alone often names only the kind of error. */
export function reasonOf(error: Error): string {
  const detail = 'detail' in error && typeof error.detail === 'string' ? `: ${error.detail}` : ''
  const state = sqlState(error)
  return `${error.message}${detail}${state ? ` (SQLSTATE ${state})` : ''}`
}
