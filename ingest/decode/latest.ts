/** A queue of one slot to a slow consumer: the newest item replaces the one that waits. */
export interface Latest<T> {
  /** Hands the item on when the consumer is free, else keeps it in place of the one that waits. */
  offer(item: T): void
  /** Resolves when the consumer is idle and nothing waits. */
  idle(): Promise<void>
  /** Takes nothing more; what waits is forgotten. */
  close(): void
}

/**
 * `consume` is never called again before it has settled. `onDrop(dropped, by)` counts what was replaced and gives
 * the item that takes its place, so that a mark on the dropped one can be passed on. `onFault`: consume threw.
 */
export function createLatest<T>(deps: {
  readonly consume: (item: T) => void | Promise<void>
  readonly onDrop: (dropped: T, by: T) => T
  readonly onFault: (fault: unknown) => void
}): Latest<T> {
  let waiting: { item: T } | null = null
  let running: Promise<void> | null = null
  let closed = false

  async function drain(): Promise<void> {
    while (waiting) {
      const { item } = waiting
      waiting = null
      try {
        await deps.consume(item)
      } catch (fault) {
        deps.onFault(fault)
      }
    }
  }

  return {
    offer(item) {
      if (closed) return
      waiting = { item: waiting ? deps.onDrop(waiting.item, item) : item }
      running ??= drain().finally(() => {
        running = null
      })
    },
    async idle() {
      await running
    },
    close() {
      closed = true
      waiting = null
    },
  }
}
