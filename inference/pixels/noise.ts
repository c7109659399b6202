import type { Histogram } from './histogram.ts'

/** 1.4826 · median |d| is the standard deviation of a normal distribution; the difference of two pictures has √2 of one. */
const MEDIAN_TO_SIGMA = 1.4826 / Math.SQRT2

/** What the difference of two pictures of one scene says. */
export interface PairDifference {
  /** Noise of one picture: standard deviation in levels. Robust: half of the picture may move. */
  readonly sigma: number
  /** Mean absolute difference in levels. */
  readonly meanAbs: number
}

/** Compares two planes pixel by pixel within `mask`. */
export function pairDifference(
  picture: Uint8Array,
  before: Uint8Array,
  mask: Uint8Array,
  histogram: Histogram,
): PairDifference {
  histogram.clear()
  // Every third pixel: thousands are enough for a median.
  for (let i = 0; i < picture.length; i += 3) {
    if (mask[i] === 1) histogram.add(Math.abs((picture[i] as number) - (before[i] as number)))
  }
  return { sigma: histogram.percentile(0.5) * MEDIAN_TO_SIGMA, meanAbs: histogram.mean() }
}

/**
 * Noise over time. An encoder passes noise in bursts (key frames) and swallows it between, so the estimate rises at
 * once and sinks slowly.
 */
export interface NoiseLevel {
  readonly sigma: number
  add(sigma: number, elapsedMs: number): void
  reset(): void
}

const SINK_MS = 20_000

export function createNoiseLevel(): NoiseLevel {
  let level = 0
  let known = false
  return {
    get sigma() {
      return level
    },
    add(sigma, elapsedMs) {
      const sunk = level * Math.exp(-elapsedMs / SINK_MS)
      // A light step moves every pixel and is no noise: 12 levels are beyond any camera that is of use.
      level = Math.min(12, !known ? sigma : sigma > sunk ? sunk + (sigma - sunk) * 0.5 : sunk)
      known = true
    },
    reset() {
      level = 0
      known = false
    },
  }
}
