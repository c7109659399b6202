interface Timers {
  now(): number
  /** Calls back once after `ms`; the result cancels it. */
  after(ms: number, run: () => void): () => void
}

/**
 * Runs `work(key)` at once for the first mark and then at most once per interval, never losing the last mark.
 * A flood of changes so costs one request a second, and a single change is on screen without delay.
 */
export function createCoalescer(
  timers: Timers,
  everyMs: (key: string) => number,
  work: (key: string) => void,
) {
  const last = new Map<string, number>()
  const waiting = new Map<string, () => void>()
  const run = (key: string) => {
    waiting.delete(key)
    last.set(key, timers.now())
    work(key)
  }
  return {
    mark(key: string): void {
      if (waiting.has(key)) return
      const due = (last.get(key) ?? Number.NEGATIVE_INFINITY) + everyMs(key) - timers.now()
      if (due <= 0) run(key)
      else
        waiting.set(
          key,
          timers.after(due, () => run(key)),
        )
    },
    stop(): void {
      for (const cancel of waiting.values()) cancel()
      waiting.clear()
    },
  }
}
