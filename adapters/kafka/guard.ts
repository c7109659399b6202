import { createRequire } from 'node:module'
import { SharpEyesError } from '../../core/errors.ts'

interface RequestQueue {
  readonly pending: readonly unknown[]
  scheduleCheckPendingRequests(): void
}

const PATH = 'kafkajs/src/network/requestQueue'
let guarded = false

/**
 * kafkajs 2.2.4 looks for waiting requests a thousand times a second on every connection, also when none waits: the timer
 * re-arms itself with a negative delay (its issues 1704 and 1556; also the `TimeoutNegativeWarning` of Node 24). Requests
 * wait only while the broker throttles us; without any there is nothing to look for, and `push` arms the timer itself.
 *
 * Throws when the method is not there: another version of kafkajs is installed, and this page has to be read again.
 */
export function guardKafkajs(): void {
  if (guarded) return
  const { prototype } = createRequire(import.meta.url)(PATH) as { prototype: Partial<RequestQueue> }
  const original = prototype.scheduleCheckPendingRequests
  if (typeof original !== 'function')
    throw new SharpEyesError(
      'internal',
      `${PATH} has no scheduleCheckPendingRequests: kafkajs is not 2.2.4, for which adapters/kafka/guard.ts was written`,
    )
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) original.call(this)
  }
  guarded = true
}
