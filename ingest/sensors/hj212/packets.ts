import type { EpochMs } from '../../../core/units.ts'
import type { Packet } from './segment.ts'

/** A packet that can be read: `dataTime` is its own, or that of the split packet it is a part of. */
export interface TimedPacket {
  readonly packet: Packet
  /** As sent; null: none (commands without values have none). */
  readonly dataTime: string | null
}

export interface PartLimits {
  /** Split packets under way at once, of all devices. */
  readonly open: number
  /** Parts that wait for their time, of all devices. */
  readonly waiting: number
  /** How long the parts of one packet may take, from its first on. */
  readonly holdMs: number
}

/**
 * Brings the parts of split packets together, by (MN, QN, CN). A device may wait for the answer to each part before it
 * sends the next, and an answer means "stored": so a part that names its own time is whole in itself and goes through at
 * once, and its time is remembered for parts that name none; such a part waits until its time is known. A part that
 * never comes costs nothing but itself.
 */
export interface PartAssembler<T> {
  /** What can be read now that `packet` has come, oldest first. `context` comes back with its own packet. */
  take(packet: Packet, context: T, now: EpochMs): readonly (TimedPacket & { readonly context: T })[]
  /** Forgets what has waited too long; the number of parts that were given up since the last call, also for want of room. */
  expire(now: EpochMs): number
  readonly waiting: number
}

interface Open<T> {
  readonly since: EpochMs
  dataTime: string | null
  /** By part number: a part that is sent again replaces the one that waits. */
  readonly parts: Map<number, { readonly packet: Packet; readonly context: T }>
}

const LIMITS: PartLimits = { open: 2_000, waiting: 2_000, holdMs: 60_000 }

export function createPartAssembler<T>(limits: Partial<PartLimits> = {}): PartAssembler<T> {
  const { open: mostOpen, waiting: mostWaiting, holdMs } = { ...LIMITS, ...limits }
  /** In order of `since`. */
  const open = new Map<string, Open<T>>()
  let waiting = 0
  let givenUp = 0

  const giveUp = (key: string, parts: number) => {
    open.delete(key)
    waiting -= parts
    givenUp += parts
  }
  const forget = (now: EpochMs) => {
    for (const [key, { since, parts }] of open) {
      if (now - since <= holdMs && now >= since && open.size <= mostOpen && waiting <= mostWaiting) return
      giveUp(key, parts.size)
    }
  }
  const openAt = (key: string, now: EpochMs): Open<T> => {
    const found = open.get(key)
    if (found) return found
    const made: Open<T> = { since: now, dataTime: null, parts: new Map() }
    open.set(key, made)
    return made
  }

  return {
    take(packet, context, now) {
      const own = dataTimeOf(packet)
      if (packet.part === null) return [{ packet, context, dataTime: own }]
      const key = JSON.stringify([packet.mn, packet.qn, packet.cn])
      const of = openAt(key, now)
      const ready: (TimedPacket & { context: T })[] = []
      if (own !== null) of.dataTime = own
      const dataTime = own ?? of.dataTime
      if (dataTime !== null) {
        ready.push({ packet, context, dataTime })
        for (const waiter of of.parts.values()) ready.push({ ...waiter, dataTime })
        waiting -= of.parts.size
        of.parts.clear()
      } else {
        if (!of.parts.has(packet.part.no)) waiting += 1
        of.parts.set(packet.part.no, { packet, context })
      }
      forget(now)
      return ready
    },
    expire(now) {
      forget(now)
      const count = givenUp
      givenUp = 0
      return count
    },
    get waiting() {
      return waiting
    },
  }
}

/** DataTime of a packet's own parameters; null: it has none. */
export const dataTimeOf = ({ fields }: Packet): string | null =>
  fields.find(({ key }) => key === 'DataTime')?.value ?? null
