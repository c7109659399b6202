import { SharpEyesError } from '../../core/errors.ts'

/**
 * Sockets that lead nowhere, a server that starts or stops (57P0x), class 08. And one that can store nothing: its disk or
 * memory is full (53), it fails to read or write (58), it is read-only (25006). Then nobody can claim a camera either.
 */
const CODES =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT|57P0\d|08\w{3}|5[38]\w{3}|25006)$/
/** What the client library says without a code. */
const TEXTS =
  /timeout exceeded when trying to connect|Connection terminated|connection error and is not queryable/

/**
 * Runs work on the database; when the database is away the error says so (`database_unavailable`). A worker keeps its
 * cameras only on that word, so nothing else may carry it.
 */
export async function sayingWhenAway<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isDatabaseAway(error)) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new SharpEyesError('database_unavailable', `the database does not answer (${reason})`, {
      cause: error,
    })
  }
}

function isDatabaseAway(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, message } = error as { code?: unknown; message?: unknown }
  return (
    (typeof code === 'string' && CODES.test(code)) || (typeof message === 'string' && TEXTS.test(message))
  )
}
