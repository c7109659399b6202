import { createRandom } from '../../footage/random.ts'

export type FaultKind = 'kill' | 'pause'

/** One thing that is done to one part. */
export interface Fault {
  readonly kind: FaultKind
  readonly part: string
  /** Rest before it, ms. */
  readonly afterMs: number
  /** How long the part is away: until it is started again, or goes on. */
  readonly awayMs: number
}

export interface ScheduleOptions {
  readonly seed: number
  readonly kills: number
  readonly parts: readonly string[]
  /** Longest time away of an ordinary fault. */
  readonly maxAwayMs: number
  /** Of broker and database once each, in the middle; 0: no such outage. */
  readonly longAwayMs: number
}

/** A part that only one of them may be away from at a time gets its share; the same seed gives the same story. */
export function makeSchedule({
  seed,
  kills,
  parts,
  maxAwayMs,
  longAwayMs,
}: ScheduleOptions): readonly Fault[] {
  const random = createRandom(seed)
  const faults: Fault[] = []
  for (let n = 0; n < kills; n += 1) {
    // Every part in turn before any comes again, in a shuffled order each round.
    const round = shuffled(parts, createRandom(seed + 1 + Math.floor(n / parts.length)))
    faults.push({
      kind: random() < 0.7 ? 'kill' : 'pause',
      part: round[n % parts.length] ?? '',
      afterMs: 500 + random() * 2_500,
      awayMs: random() * random() * maxAwayMs,
    })
  }
  if (longAwayMs === 0) return faults
  const middle = Math.floor(faults.length / 2)
  const long = (['kafka', 'postgres'] as const).map(
    (part): Fault => ({ kind: 'kill', part, afterMs: 3_000, awayMs: longAwayMs }),
  )
  return [...faults.slice(0, middle), ...long, ...faults.slice(middle)]
}

function shuffled<T>(list: readonly T[], random: () => number): readonly T[] {
  const all = [...list]
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1))
    ;[all[at], all[other]] = [all[other] as T, all[at] as T]
  }
  return all
}
