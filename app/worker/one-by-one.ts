/** Who wants a turn. */
export interface Waiter {
  readonly id: string
  readonly signal: AbortSignal
  /**
   * Told whenever its place in the line changes, until its turn: the waiter whose turn it is, and how many have their turn
   * before this one (that one included).
   */
  onPlace(now: string, before: number): void
}

/** One piece of work at a time, the others in the order in which they came. */
export interface OneByOne {
  /** Those that wait; who is cancelled no longer does. */
  readonly waiting: number
  /** Its turn ends when `work` settles. Throws the signal's reason at once while it waits. */
  run<T>(waiter: Waiter, work: () => Promise<T>): Promise<T>
}

export function createOneByOne(): OneByOne {
  const waiting: { readonly waiter: Waiter; readonly begin: () => void }[] = []
  let now: Waiter | null = null

  const tellPlaces = () => {
    for (const [place, { waiter }] of waiting.entries()) if (now) waiter.onPlace(now.id, place + 1)
  }
  const turn = async (waiter: Waiter): Promise<void> => {
    const { signal } = waiter
    signal.throwIfAborted()
    if (!now) {
      now = waiter
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    waiting.push({ waiter, begin: resolve })
    tellPlaces()
    const leave = () => {
      const place = waiting.findIndex((each) => each.waiter === waiter)
      if (place < 0) return
      waiting.splice(place, 1)
      tellPlaces()
      reject(signal.reason)
    }
    signal.addEventListener('abort', leave)
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  return {
    get waiting() {
      return waiting.length
    },
    async run(waiter, work) {
      await turn(waiter)
      try {
        waiter.signal.throwIfAborted()
        return await work()
      } finally {
        const next = waiting.shift()
        now = next?.waiter ?? null
        next?.begin()
        tellPlaces()
      }
    },
  }
}
