import type { EpochMs } from '../../core/units.ts'

/** How far a group is, and how long each partition is: offsets of the next message to read and to write. */
export interface LagSample {
  readonly at: EpochMs
  readonly partitions: readonly PartitionPlace[]
}

export interface PartitionPlace {
  readonly topic: string
  readonly partition: number
  /** -1: the group has not committed anything here yet. */
  readonly committed: bigint
  /** The oldest message that is still there. */
  readonly low: bigint
  readonly end: bigint
}

export interface LagBook {
  note(sample: LagSample): void
  /**
   * Ms by which the group is behind: at the last sample, how long ago everything was written that it has read. Null: not
   * known (no sample yet, or everything that is known is unread).
   */
  behindMs(): number | null
  /** The least that it can be, where it is not known: a backlog is as old as we have watched it. */
  leastMs(): number
  /** Time of the last sample; null: none. */
  readonly at: EpochMs | null
}

/** Enough for a day of growing lag, ever coarser. */
const MAX_ENDS = 200

/** Messages that wait in one partition. What retention has taken can no longer be read. */
export const waiting = (place: PartitionPlace): bigint => larger(place.end - nextOf(place), 0n)

const nextOf = ({ committed, low }: PartitionPlace): bigint => larger(committed, low)
/** Math.max knows no bigint. */
const larger = (a: bigint, b: bigint): bigint => [a, b].reduce((x, y) => (y > x ? y : x))

/** Turns offsets into time by remembering how long the partitions were when; no clock but our own is asked. */
export function createLagBook(): LagBook {
  let ends: { readonly at: EpochMs; readonly ends: ReadonlyMap<string, bigint> }[] = []
  let readAt: EpochMs | null = null
  let firstAt: EpochMs | null = null
  let last: LagSample | null = null

  function behindMs(): number | null {
    if (!last) return null
    if (last.partitions.every((place) => waiting(place) === 0n)) return 0
    return readAt === null ? null : last.at - readAt
  }

  return {
    note(sample) {
      last = sample
      firstAt ??= sample.at
      const next = new Map(sample.partitions.map((place) => [nameOf(place), nextOf(place)]))
      ends.push({
        at: sample.at,
        ends: new Map(sample.partitions.map((place) => [nameOf(place), place.end])),
      })
      while (ends[0] && [...ends[0].ends].every(([name, end]) => (next.get(name) ?? end) >= end)) {
        readAt = ends[0].at
        ends.shift()
      }
      if (ends.length > MAX_ENDS) ends = ends.filter((_, index) => index % 2 === 0)
    },
    behindMs,
    leastMs: () => behindMs() ?? (last && firstAt !== null ? last.at - firstAt : 0),
    get at() {
      return last?.at ?? null
    },
  }
}

const nameOf = ({ topic, partition }: PartitionPlace): string => `${topic}/${partition}`
