/** A worker that is heard of, as the sharing of cameras sees it. */
export interface Sharer {
  readonly capacity: number
  /** Cameras it holds. */
  readonly cameras: number
  /** It has been there long enough for others to make room for it. */
  readonly stable: boolean
  /** Cameras that it heard nothing of and that others hold now: nobody makes room for it with cameras in their place. */
  readonly unreached: number
}

/** How many cameras a call of one worker may take, or gives back to those who have too few. At most one is not 0. */
export interface Move {
  readonly take: number
  readonly give: number
}

/** A moved camera is not watched for some seconds: only a few move at once. */
const GIVE_AT_ONCE = 5
/** Share of its load by which a worker may have more than it should before anything moves. */
const SLACK = 0.1

/**
 * The level up to which every worker is filled so that all cameras are held: no more than a worker can bear, and nobody
 * has more while another has room. Where they cannot bear them all: the largest capacity.
 */
export function fairShare(cameras: number, capacities: readonly number[]): number {
  let left = cameras
  let workers = capacities.length
  for (const capacity of capacities.toSorted((a, b) => a - b)) {
    const level = Math.ceil(left / workers)
    if (capacity >= level) return level
    left -= capacity
    workers -= 1
  }
  return Math.max(0, ...capacities)
}

/** What `me` may do now, given `total` configured cameras and the other workers that are heard of. */
export function planMove(
  total: number,
  me: Omit<Sharer, 'stable' | 'unreached'>,
  others: readonly Sharer[],
): Move {
  const share = fairShare(total, [me.capacity, ...others.map((other) => other.capacity)])
  const due = (worker: Pick<Sharer, 'capacity'>) => Math.min(worker.capacity, share)
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
  const free = Math.max(0, total - me.cameras - sum(others.map((other) => other.cameras)))
  const surplus = me.cameras - due(me)
  if (surplus < 0) return { take: Math.min(-surplus, free), give: 0 }
  if (surplus <= Math.floor(due(me) * SLACK)) return { take: 0, give: 0 }
  const missing = sum(
    others
      .filter((other) => other.stable)
      .map((other) => Math.max(0, due(other) - other.cameras - other.unreached)),
  )
  // What is free already is for those who lack too.
  return { take: 0, give: Math.max(0, Math.min(surplus, missing - free, GIVE_AT_ONCE)) }
}
