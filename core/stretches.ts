import type { Stretch } from './dry-run.ts'
import type { DurationMs, EpochMs } from './units.ts'

/** More are joined over their shortest gaps, so that an answer stays small. */
const MOST = 2_000

/** Gathers moments in [from, to), in the order of time, into stretches without a gap over `gapMs`. */
export function createStretches(span: Stretch, gapMs: DurationMs, most = MOST) {
  const stretches: { from: EpochMs; to: EpochMs }[] = []
  const joinShortestGap = (): void => {
    const gapBefore = (n: number) => (stretches[n]?.from ?? 0) - (stretches[n - 1]?.to ?? 0)
    let shortest = 1
    for (let n = 2; n < stretches.length; n++) if (gapBefore(n) < gapBefore(shortest)) shortest = n
    const [joined] = stretches.splice(shortest, 1)
    const before = stretches[shortest - 1]
    if (joined && before) before.to = joined.to
  }
  return {
    take(at: EpochMs): void {
      if (at < span.from || at >= span.to) return
      const last = stretches.at(-1)
      if (last && at - last.to <= gapMs) {
        last.to = Math.max(last.to, at)
        return
      }
      stretches.push({ from: at, to: at })
      if (stretches.length > most) joinShortestGap()
    },
    stretches: (): readonly Stretch[] =>
      stretches.map(({ from, to }) => ({ from: Math.round(from), to: Math.round(to) })),
  }
}
