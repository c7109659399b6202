/** Longest warm-up: after it the scene as seen is the background. */
const WARM_UP_MS = 4_000
const SAMPLE_APART_MS = 900
const MOST_SAMPLES = 5

/** Learns a scene's background as the median of up to five pictures of 4 s: who walks through is in none of it. */
export interface WarmUp {
  /** `layers` of one picture, always the same ones. Null until the warm-up is over, then the background of each. */
  step(layers: readonly Uint8Array[], nowMs: number): readonly Float32Array[] | null
}

export function createWarmUp(): WarmUp {
  const samples: (readonly Uint8Array[])[] = []
  let startedAt: number | null = null
  let sampledAt = Number.NEGATIVE_INFINITY

  return {
    step(layers, nowMs) {
      startedAt ??= nowMs
      const over = nowMs - startedAt >= WARM_UP_MS
      if (samples.length < MOST_SAMPLES && (over || nowMs - sampledAt >= SAMPLE_APART_MS)) {
        samples.push(layers.map((layer) => layer.slice()))
        sampledAt = nowMs
      }
      if (!over || samples.length < 2) return null
      return layers.map((_, n) => medianOf(samples.map((sample) => sample[n] as Uint8Array)))
    },
  }
}

function medianOf(samples: readonly Uint8Array[]): Float32Array {
  const size = samples[0]?.length ?? 0
  const median = new Float32Array(size)
  const levels = new Uint8Array(samples.length)
  const [low, high] = [(samples.length - 1) >> 1, samples.length >> 1]
  for (let i = 0; i < size; i++) {
    samples.forEach((sample, s) => {
      levels[s] = sample[i] as number
    })
    levels.sort()
    median[i] = ((levels[low] as number) + (levels[high] as number)) / 2
  }
  return median
}
