import { createServer, type Socket } from 'node:net'
import { SharpEyesError } from '../../../core/errors.ts'
import type { Clock } from '../../../core/ports/clock.ts'
import type { ReadingSink } from '../../../core/ports/messages.ts'
import type { Log, Metrics } from '../../../core/ports/telemetry.ts'
import type { DurationMs } from '../../../core/units.ts'
import { createCityTime } from './city-time.ts'
import { type Connection, type ConnectionHooks, openConnection } from './connection.ts'
import { createLedger, type Hj212Facts } from './facts.ts'
import { createReceiver } from './receiver.ts'
import { createStoring, type StoringLimits } from './storing.ts'
import type { Hj212Device } from './verdict.ts'

export interface Hj212Limits extends StoringLimits {
  /** Connections at once. */
  readonly connections: number
  /** A connection without a packet in order for so long is closed. */
  readonly idleMs: DurationMs
  /** Longest frame, bytes; never more of one connection is held. */
  readonly maxBuffer: number
  /** Packets of one connection that may wait for the sink. */
  readonly unstoredEach: number
  /** How long parts of a split packet may take. */
  readonly partsMs: DurationMs
}

const LIMITS: Hj212Limits = {
  connections: 2_500,
  idleMs: 15 * 60_000,
  maxBuffer: 10_013,
  unstoredEach: 64,
  partsMs: 60_000,
  batch: 1_000,
  lingerMs: 20,
  unstored: 4_096,
}
const GARBAGE_BYTES = 64 << 10
const UNREAD_BYTES = 64 << 10
const KEEP_ALIVE_MS = 60_000
const SWEEP_MS = 5_000
const BACKLOG = 1_024
/** A stranger may stay for so long before he makes room for another when all places are taken. */
const STRANGER_MS = 10_000
/** How long what is under way may take at the end. */
const DRAIN_MS = 5_000

export interface Hj212ServerDeps {
  readonly listen: string
  /** 0: any free one. */
  readonly port: number
  /** Of the devices' clocks: the city's. */
  readonly timezone: string
  readonly worker: string
  /** By MN, as configured now; looked at for each packet. */
  readonly devices: () => ReadonlyMap<string, Hj212Device>
  /** A device is answered after `append` has resolved. */
  readonly sink: ReadingSink
  readonly limits?: Partial<Hj212Limits>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

export interface Hj212Server {
  readonly port: number
  facts(): Hj212Facts
  /** Takes nothing more in, answers what is stored within some seconds, closes. */
  stop(): Promise<void>
}

/** Listens for devices that speak HJ 212 over TCP (2005, 2017, 2025). Throws `port_taken`. */
export async function startHj212Server(deps: Hj212ServerDeps): Promise<Hj212Server> {
  const { clock, log, metrics, devices } = deps
  const limits = { ...LIMITS, ...deps.limits }
  const ledger = createLedger()
  const storing = createStoring({ ...deps, limits })
  const receiver = createReceiver({
    ...{ devices, storing, ledger, clock, log, metrics },
    cityTime: createCityTime(deps.timezone),
    worker: deps.worker,
    partsMs: limits.partsMs,
  })
  const connections = new Map<Socket, Connection>()
  const stopping = new AbortController()
  const refused = (why: string) => metrics.count('hj212_refused_total', { why })
  const hooks: ConnectionHooks = {
    packet: receiver.packet,
    refused,
    odd: (what) => metrics.count('hj212_odd_total', { what }),
    full: () => stopping.signal.aborted || storing.full,
    whenRoom: storing.whenRoom,
    failed: (error, address) => {
      refused('internal')
      log.error(
        { address, error: String(error) },
        'HJ 212: a connection was closed by a fault of the receiver',
      )
    },
    now: () => clock.now(),
  }
  const eachLimits = {
    maxBuffer: limits.maxBuffer,
    unstored: limits.unstoredEach,
    garbage: GARBAGE_BYTES,
    unread: UNREAD_BYTES,
  }

  const closed = (why: string) => metrics.count('hj212_closed_total', { why })
  /** True: there is a place, if need be that of the stranger who has been here longest. */
  const makeRoom = (): boolean => {
    if (connections.size < limits.connections) return true
    const before = clock.now() - STRANGER_MS
    for (const [socket, { known, quietSince }] of connections) {
      if (known || quietSince > before) continue
      closed('stranger')
      connections.delete(socket)
      socket.destroy()
      return true
    }
    return false
  }
  const server = createServer(
    { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
    (socket) => {
      if (!makeRoom()) {
        closed('no_room')
        socket.destroy()
        return
      }
      connections.set(socket, openConnection(socket, hooks, eachLimits))
      socket.once('close', () => connections.delete(socket))
    },
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(bindFailure(error, deps)))
    server.listen({ host: deps.listen, port: deps.port, backlog: BACKLOG }, () => {
      server.removeAllListeners('error')
      // Accepting can fail when the process has no descriptor left; the next attempt may not.
      server.on('error', (error) => log.error({ error: error.message }, 'HJ 212: accepting failed'))
      resolve()
    })
  })
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : deps.port

  const sweep = () => {
    const now = clock.now()
    for (const { blocked, quietSince, drop } of connections.values()) {
      if (blocked || now - quietSince <= limits.idleMs) continue
      closed('idle')
      drop()
    }
    receiver.sweep()
    metrics.gauge('hj212_connections', {}, connections.size)
    metrics.gauge('hj212_unstored', {}, storing.unstored)
  }
  const sweeping = (async () => {
    while (!stopping.signal.aborted) {
      await clock.sleep(SWEEP_MS, stopping.signal).catch(() => {}) // ended by `stop`
      sweep()
    }
  })()

  let stopped: Promise<void> | null = null
  const stop = async (): Promise<void> => {
    const gone = new Promise<void>((resolve) => {
      server.close(() => resolve())
    })
    stopping.abort()
    await sweeping
    const late = new AbortController()
    await Promise.race([storing.drain(), clock.sleep(DRAIN_MS, late.signal).catch(() => {})])
    late.abort()
    for (const connection of connections.values()) connection.end()
    const timer = new AbortController()
    await Promise.race([gone, clock.sleep(DRAIN_MS, timer.signal).catch(() => {})])
    timer.abort()
    for (const connection of connections.values()) connection.drop()
    await gone
  }
  return {
    port,
    facts: () => ({
      connections: connections.size,
      ...receiver.counts(),
      unstored: storing.unstored,
      refusing: storing.refusing,
      devices: ledger.devices(devices()),
      faults: ledger.faults(devices(), clock.now()),
    }),
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

function bindFailure(error: NodeJS.ErrnoException, { listen, port }: Hj212ServerDeps): SharpEyesError {
  if (error.code === 'EADDRINUSE')
    return new SharpEyesError(
      'port_taken',
      `HJ 212: another program listens on ${listen}:${port}; end it or choose another port`,
      { cause: error },
    )
  return new SharpEyesError(
    'bad_request',
    `HJ 212: cannot listen on ${listen}:${port} (${error.code}); is the address one of this machine?`,
    { cause: error },
  )
}
