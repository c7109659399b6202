/** One piece of work at a time, the others in the order in which they came. */
export interface OneByOne {
  /** Those that wait; who is cancelled no longer does. */
  readonly waiting: number
  /** Its turn ends when `work` settles. Throws the signal's reason at once while it waits. */
  run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

export function createOneByOne(): OneByOne {
  const waiting: (() => void)[] = []
  let isBusy = false

  const turn = async (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted()
    if (!isBusy) {
      isBusy = true
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    waiting.push(resolve)
    const leave = () => {
      const place = waiting.indexOf(resolve)
      if (place < 0) return
      waiting.splice(place, 1)
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
    async run(signal, work) {
      await turn(signal)
      try {
        signal.throwIfAborted()
        return await work()
      } finally {
        const next = waiting.shift()
        if (next) next()
        else isBusy = false
      }
    },
  }
}
