/** 256 counters that are filled, asked and cleared again. */
export interface Histogram {
  clear(): void
  add(level: number): void
  readonly total: number
  /** The level below which `share` (0..1) of the values lie, interpolated within a level; 0 when empty. */
  percentile(share: number): number
  mean(): number
  /** Shannon entropy in bits, 0 (uniform) to 8. */
  entropy(): number
}

export function createHistogram(): Histogram {
  const counts = new Uint32Array(256)
  let total = 0
  return {
    clear() {
      counts.fill(0)
      total = 0
    },
    add(level) {
      counts[level] = (counts[level] as number) + 1
      total++
    },
    get total() {
      return total
    },
    percentile(share) {
      const wanted = total * share
      let below = 0
      for (let level = 0; level < 256; level++) {
        const count = counts[level] as number
        if (count > 0 && below + count >= wanted) {
          // Values were rounded: level k holds k ± 0.5, level 0 only its upper half.
          const within = (wanted - below) / count
          return level === 0 ? within / 2 : level - 0.5 + within
        }
        below += count
      }
      return 0
    },
    mean() {
      let sum = 0
      for (let level = 1; level < 256; level++) sum += level * (counts[level] as number)
      return total === 0 ? 0 : sum / total
    },
    entropy() {
      let bits = 0
      for (const count of counts) {
        if (count > 0) bits -= (count / total) * Math.log2(count / total)
      }
      return bits
    },
  }
}
