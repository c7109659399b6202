import { toSharpEyesError } from '../../../core/errors.ts'
import type { Clock } from '../../../core/ports/clock.ts'
import type { ReadingSink } from '../../../core/ports/messages.ts'
import type { Log, Metrics } from '../../../core/ports/telemetry.ts'
import type { ReadingsMessage } from '../../../core/reading.ts'
import type { EpochMs } from '../../../core/units.ts'

export interface StoringLimits {
  /** Packets that are handed to the sink at once at most. */
  readonly batch: number
  /** How long the first packet of a batch waits for others: one commit serves many devices. */
  readonly lingerMs: number
  /** Packets under way from which on nobody is read from any more. */
  readonly unstored: number
}

/** Hands packets of all connections to the sink, one batch after the other. */
export interface Storing {
  /** `done` is called once, when the sink has taken or refused the messages. Takes packets also when `full`. */
  add(messages: readonly ReadingsMessage[], done: (stored: boolean) => void): void
  /** Packets that are not stored yet. */
  readonly unstored: number
  readonly full: boolean
  /** Whether the sink refused the last batch. */
  readonly refusing: boolean
  /** Calls back once, after the next batch that leaves room. */
  whenRoom(call: () => void): void
  /** Resolves when nothing is under way; from now on nothing lingers. */
  drain(): Promise<void>
}

interface Waiting {
  readonly messages: readonly ReadingsMessage[]
  readonly done: (stored: boolean) => void
  readonly since: EpochMs
}

const LIMITS: StoringLimits = { batch: 1_000, lingerMs: 20, unstored: 4_096 }

export function createStoring(deps: {
  readonly sink: ReadingSink
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly limits?: Partial<StoringLimits>
}): Storing {
  const { sink, clock, log, metrics } = deps
  const { batch, lingerMs, unstored: mostUnstored } = { ...LIMITS, ...deps.limits }
  let queue: Waiting[] = []
  let underWay = 0
  let refusing = false
  let draining = false
  let running: Promise<void> | null = null
  let enough: (() => void) | null = null
  let waitingForRoom: (() => void)[] = []
  const unstored = () => queue.length + underWay

  /** Until the batch is full or its first packet has waited long enough. */
  const linger = async (first: Waiting): Promise<void> => {
    // A clock that is put back makes nobody wait longer.
    const left = Math.min(lingerMs, lingerMs - (clock.now() - first.since))
    if (draining || left <= 0 || queue.length >= batch) return
    const timer = new AbortController()
    await Promise.race([
      clock.sleep(left, timer.signal).catch(() => {}), // ended below
      new Promise<void>((resolve) => {
        enough = resolve
      }),
    ])
    enough = null
    timer.abort()
  }

  const store = async (packets: readonly Waiting[]): Promise<boolean> => {
    const start = clock.now()
    try {
      await sink.append(packets.flatMap(({ messages }) => messages))
      if (refusing) log.info({}, 'HJ 212: readings are stored again')
      refusing = false
    } catch (thrown) {
      const error = toSharpEyesError(thrown)
      if (!refusing)
        log.error(
          { code: error.code, error: error.message },
          'HJ 212: readings are not stored; devices get no answer and have to send again',
        )
      refusing = true
    }
    metrics.observe('hj212_store_seconds', {}, Math.max(0, clock.now() - start) / 1_000)
    return !refusing
  }

  const run = async (): Promise<void> => {
    for (let first = queue[0]; first; first = queue[0]) {
      await linger(first)
      const packets = queue.slice(0, batch)
      queue = queue.slice(batch)
      underWay = packets.length
      const stored = await store(packets)
      underWay = 0
      for (const { done } of packets) done(stored)
      if (unstored() >= mostUnstored) continue
      const calls = waitingForRoom
      waitingForRoom = []
      for (const call of calls) call()
    }
    running = null
  }

  return {
    add(messages, done) {
      queue.push({ messages, done, since: clock.now() })
      if (draining || queue.length >= batch) enough?.()
      running ??= run()
    },
    get unstored() {
      return unstored()
    },
    get full() {
      return unstored() >= mostUnstored
    },
    get refusing() {
      return refusing
    },
    whenRoom: (call) => void waitingForRoom.push(call),
    async drain() {
      draining = true
      enough?.()
      while (running !== null) await running
    },
  }
}
