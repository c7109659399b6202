/** Waits between attempts: `firstMs` doubled up to `maxMs`, ±20 % so that a room of browsers does not knock at once. */
export function createBackoff(firstMs: number, maxMs: number, random: () => number = Math.random) {
  let next = firstMs
  return {
    next(): number {
      const wait = next
      next = Math.min(next * 2, maxMs)
      return Math.round(wait * (0.8 + 0.4 * random()))
    },
    reset(): void {
      next = firstMs
    },
  }
}
export type Backoff = ReturnType<typeof createBackoff>
