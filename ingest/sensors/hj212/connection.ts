import type { Socket } from 'node:net'
import type { EpochMs } from '../../../core/units.ts'
import type { CrcKind } from './crc.ts'
import { createFramer } from './framer.ts'
import { decodeSegment, type Packet } from './segment.ts'

/** Of one packet, when its fate is known: sends the answer, if there is one. True: it was written. */
export type Settle = (answer: Buffer | null) => boolean

export interface ConnectionHooks {
  /**
   * A packet with a good checksum, in the order of the wire. True: it is of a configured device and in order. When
   * `settle` will be called later, the packet counts as unstored until then.
   */
  packet(packet: Packet, crc: CrcKind, from: Connection, hold: () => Settle): boolean
  /** A frame or segment that is no packet. */
  refused(why: string): void
  /** Something was taken that is not as the standard has it. */
  odd(what: string): void
  /** Nobody is read from while this is so. */
  full(): boolean
  whenRoom(call: () => void): void
  /** Something that must not happen; the connection is closed. */
  failed(error: unknown, address: string): void
  now(): EpochMs
}

export interface ConnectionLimits {
  /** Longest frame, bytes. */
  readonly maxBuffer: number
  /** Packets of one connection that may wait for the sink. */
  readonly unstored: number
  /** Bytes that belong to no frame, since the last packet in order. */
  readonly garbage: number
  /** Bytes of answers that the device does not take. */
  readonly unread: number
}

export interface Connection {
  readonly address: string
  /** When it was opened, or the last packet in order came. */
  readonly quietSince: EpochMs
  /** A configured device has spoken on it. */
  readonly known: boolean
  /** It is not read from, by our own choice. */
  readonly blocked: boolean
  /** Closes it at once. */
  drop(): void
  /** Sends what was written, then closes; nothing more is read. */
  end(): void
}

/** Data segments over this are longer than the standard allows. */
const STANDARD_BYTES = 1_024

/**
 * One device's line. Reads no more than `limits.unstored` packets ahead of the sink: what follows stays in the socket,
 * and TCP makes the device wait.
 */
export function openConnection(socket: Socket, hooks: ConnectionHooks, limits: ConnectionLimits): Connection {
  const framer = createFramer(limits.maxBuffer)
  const address = (socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '')
  let quietSince = hooks.now()
  let known = false
  let unstored = 0
  let blocked = false
  let waitsForRoom = false
  let ended = false
  let garbageFrom = 0

  const drop = () => {
    socket.destroy()
  }
  const send = (answer: Buffer): boolean => {
    if (!socket.writable) return false
    socket.write(answer)
    if (socket.writableLength > limits.unread) {
      hooks.refused('answers_not_read')
      drop()
    }
    return true
  }
  /** The device has closed its side: so do we, after the last answer. Half of a frame stays half. */
  const endWhenDone = () => {
    if (ended && unstored === 0 && !blocked) socket.end()
  }
  const hold = (): Settle => {
    unstored += 1
    return (answer) => {
      unstored -= 1
      const sent = answer !== null && send(answer)
      if (blocked && !waitsForRoom) guarded(pump)
      endWhenDone()
      return sent
    }
  }

  const take = (segment: Buffer, crc: CrcKind) => {
    if (segment.length > STANDARD_BYTES) hooks.odd('long_segment')
    const packet = decodeSegment(segment.toString('utf8'))
    if (typeof packet === 'string') return hooks.refused(packet)
    for (const what of packet.odd) hooks.odd(what)
    if (!hooks.packet(packet, crc, connection, hold)) return
    known = true
    quietSince = hooks.now()
    garbageFrom = framer.skipped
  }

  const pump = () => {
    blocked = false
    waitsForRoom = false
    while (unstored < limits.unstored && !hooks.full()) {
      const framed = framer.next()
      if (framed === null) {
        if (framer.skipped - garbageFrom > limits.garbage) {
          hooks.refused('garbage')
          return drop()
        }
        if (socket.isPaused()) socket.resume()
        return
      }
      if (framed.kind === 'refused') hooks.refused(framed.why)
      else {
        if (framed.length === 'characters') hooks.odd('length_in_characters')
        take(framed.segment, framed.crc)
      }
    }
    blocked = true
    socket.pause()
    waitsForRoom = hooks.full()
    if (waitsForRoom) hooks.whenRoom(() => guarded(pump))
  }
  /** Whatever a device sends, a fault of ours ends its connection and not the worker. */
  const guarded = (work: () => void) => {
    try {
      work()
    } catch (error) {
      hooks.failed(error, address)
      drop()
    }
  }

  socket.on('data', (chunk: Buffer) => {
    guarded(() => {
      framer.feed(chunk)
      if (!blocked) pump()
    })
  })
  socket.on('end', () => {
    ended = true
    endWhenDone()
  })
  // A reset says nothing that `close` does not.
  socket.on('error', () => {})

  const connection: Connection = {
    address,
    get quietSince() {
      return quietSince
    },
    get known() {
      return known
    },
    get blocked() {
      return blocked
    },
    drop,
    end() {
      socket.pause()
      socket.destroySoon()
    },
  }
  return connection
}
