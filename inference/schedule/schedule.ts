import { SharpEyesError } from '../../core/errors.ts'

/**
 * What waits for a free worker. Live frames: one a camera, a newer one replaces it, and cameras take turns. Kept frames
 * (of files) wait in their order and are never replaced. When both wait they alternate, so that neither starves.
 */
export interface Schedule<T> {
  readonly waiting: number
  /** Puts a frame of `camera` in line; returns the older one that it replaces, which keeps its turn, or null. */
  offer(camera: string, item: T): T | null
  /** Puts a frame in line that must not be dropped. Throws `too_many_requests` when the line is full. */
  keep(item: T): void
  /** The next frame, or null when none waits. */
  take(): T | null
  /** Takes `item` out of line; false when it is not there (any more). */
  withdraw(item: T): boolean
  /** Empties the line. */
  drain(): T[]
}

/** `limit`: most frames that wait, over all cameras; it bounds memory, a camera by itself never has more than one. */
export function createSchedule<T>(limit: number): Schedule<T> {
  // A Map keeps the order in which its keys came, also when a value is replaced: that is the order of turns.
  const live = new Map<string, T>()
  const kept: T[] = []
  let keptIsNext = false

  const refuseWhenFull = (): void => {
    if (live.size + kept.length < limit) return
    throw new SharpEyesError(
      'too_many_requests',
      `${limit} frames wait for the model already; give it more threads, or this worker fewer cameras`,
    )
  }

  const takeLive = (): T | null => {
    for (const [camera, item] of live) {
      live.delete(camera)
      return item
    }
    return null
  }

  return {
    get waiting() {
      return live.size + kept.length
    },
    offer(camera, item) {
      const older = live.get(camera)
      if (older === undefined) refuseWhenFull()
      live.set(camera, item)
      return older ?? null
    },
    keep(item) {
      refuseWhenFull()
      kept.push(item)
    },
    take() {
      const fromKept = kept.length > 0 && (keptIsNext || live.size === 0)
      keptIsNext = !fromKept
      return fromKept ? (kept.shift() ?? null) : takeLive()
    },
    withdraw(item) {
      for (const [camera, waiting] of live) if (waiting === item) return live.delete(camera)
      const at = kept.indexOf(item)
      if (at >= 0) kept.splice(at, 1)
      return at >= 0
    },
    drain() {
      const all = [...live.values(), ...kept]
      live.clear()
      kept.length = 0
      return all
    },
  }
}
