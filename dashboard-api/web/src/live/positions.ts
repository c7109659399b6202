/** Change positions are decimal text of any length: numbers would lose digits, text order is wrong. */
export const isBefore = (a: string, b: string): boolean => BigInt(a) < BigInt(b)

/**
 * Where the stream goes on. Lists say the position they were read at; until the stream is open it begins at the
 * oldest of them, afterwards a list that was read before the stream's position has missed something.
 */
export function createPositions() {
  let streamed: string | null = null
  let oldestList: string | null = null
  return {
    /** Position of the next `after`; null: nothing is known, from now on. */
    next: (): string | null => streamed ?? oldestList,
    streamed(position: string): void {
      if (streamed === null || isBefore(streamed, position)) streamed = position
    },
    /** Whether the list has to be read again. */
    listRead(asOf: string): boolean {
      if (streamed !== null) return isBefore(asOf, streamed)
      if (oldestList === null || isBefore(asOf, oldestList)) oldestList = asOf
      return false
    },
    forget(): void {
      streamed = null
      oldestList = null
    },
  }
}
