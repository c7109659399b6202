/** Lets a drain sleep until there is something to take. */
export interface Arrival {
  came(): void
  gone(): void
  /** Resolves at once while there is something; rejects with the signal's reason. */
  wait(signal: AbortSignal): Promise<void>
}

export function createArrival(): Arrival {
  let arrived = Promise.withResolvers<void>()
  let there = false
  return {
    came() {
      there = true
      arrived.resolve()
    },
    gone() {
      if (!there) return // somebody may wait already
      there = false
      arrived = Promise.withResolvers<void>()
    },
    async wait(signal) {
      signal.throwIfAborted()
      const aborted = Promise.withResolvers<never>()
      const stop = () => aborted.reject(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      try {
        await Promise.race([arrived.promise, aborted.promise])
      } finally {
        signal.removeEventListener('abort', stop)
      }
    },
  }
}
