import { SharpEyesError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/clock.ts'
import type { DurationMs } from '../../core/units.ts'

/** The work's outcome, or `transport_unavailable` when it takes longer. The work itself goes on: nothing can stop it. */
export async function within<T>(clock: Clock, ms: DurationMs, what: string, work: Promise<T>): Promise<T> {
  const timer = new AbortController()
  const late = clock.sleep(ms, timer.signal).then(
    () => {
      throw new SharpEyesError('transport_unavailable', `${what}: no answer within ${ms} ms`)
    },
    () => new Promise<never>(() => undefined), // the work was faster
  )
  try {
    return await Promise.race([work, late])
  } finally {
    timer.abort()
  }
}
