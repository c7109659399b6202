/** The middle of the values (of two, their mean). Throws without any. */
export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** Linear interpolation between the closest ranks. `q` 0..1. Throws without any value. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const low = sorted[Math.floor(at)]
  const high = sorted[Math.ceil(at)]
  if (low === undefined || high === undefined) throw new RangeError('nothing was measured')
  return low + (high - low) * (at - Math.floor(at))
}
