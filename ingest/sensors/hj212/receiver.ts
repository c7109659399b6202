import type { Clock } from '../../../core/ports/clock.ts'
import type { Log, Metrics } from '../../../core/ports/telemetry.ts'
import type { DurationMs } from '../../../core/units.ts'
import type { CityTime } from './city-time.ts'
import type { ConnectionHooks, Settle } from './connection.ts'
import type { CrcKind } from './crc.ts'
import { type Ledger, printable } from './facts.ts'
import { createPartAssembler, type TimedPacket } from './packets.ts'
import type { Packet } from './segment.ts'
import type { Storing } from './storing.ts'
import { type Hj212Device, judge, type PacketRefusal, receiveData } from './verdict.ts'

export interface Receiver {
  readonly packet: ConnectionHooks['packet']
  /** Every few seconds: gives up parts that nothing followed, and lets log lines be written again. */
  sweep(): void
  counts(): {
    readonly stored: number
    readonly answered: number
    readonly notStored: number
    readonly lost: number
  }
}

/** Log lines of strangers and faults between two sweeps: what they send must not fill a disk. */
const LINES = 10

interface Sender {
  readonly crc: CrcKind
  readonly address: string
  readonly hold: () => Settle
}

/** What happens with the packets of all connections: judged, brought together, stored, answered, counted. */
export function createReceiver(deps: {
  readonly devices: () => ReadonlyMap<string, Hj212Device>
  readonly storing: Storing
  readonly ledger: Ledger
  readonly cityTime: CityTime
  readonly worker: string
  readonly partsMs: DurationMs
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}): Receiver {
  const { devices, storing, ledger, cityTime, worker, clock, log, metrics } = deps
  const parts = createPartAssembler<Sender>({ holdMs: deps.partsMs })
  let lines = LINES
  let stored = 0
  let answered = 0
  let notStored = 0
  let lost = 0

  const refuse = (why: PacketRefusal, packet: Packet, address: string) => {
    metrics.count('hj212_refused_total', { why })
    const name = why === 'unknown_command' ? packet.cn : packet.mn
    const isNew = ledger.fault(why, name, address, clock.now())
    if (!isNew || lines === 0) return
    lines -= 1
    log.warn({ why, name: printable(name), address }, 'HJ 212: packets are neither stored nor answered')
  }
  const settled = (settle: Settle, answer: Buffer | null) => {
    if (!settle(answer)) return
    answered += 1
    metrics.count('hj212_answers_total')
  }

  const store = (timed: TimedPacket, { crc, address, hold }: Sender) => {
    const { packet } = timed
    const receivedAt = clock.now()
    const data = receiveData(timed, crc, { cityTime, receivedAt, worker })
    if ('refused' in data) return refuse(data.refused, packet, address)
    if (data.ignored > 0) metrics.count('hj212_fields_ignored_total', {}, data.ignored)
    if (data.repaired > 0) metrics.count('hj212_odd_total', { what: 'td' }, data.repaired)
    const settle = hold()
    const done = (taken: boolean) => {
      if (taken) {
        stored += 1
        metrics.count('hj212_packets_total', { cn: packet.cn })
        ledger.heard(packet.mn, data.at, receivedAt)
        return settled(settle, data.answer)
      }
      notStored += 1
      if (data.answer === null) lost += 1
      metrics.count('hj212_not_stored_total', { sent_again: data.answer === null ? 'no' : 'yes' })
      settle(null)
    }
    if (data.messages.length === 0) done(true)
    else storing.add(data.messages, done)
  }

  return {
    packet(packet, crc, from, hold) {
      const { address } = from
      const now = clock.now()
      const verdict = judge(packet, crc, devices().get(packet.mn))
      if (verdict.kind === 'refused') {
        refuse(verdict.why, packet, address)
        return false
      }
      if (crc === 'modbus') metrics.count('hj212_odd_total', { what: 'modbus' })
      if (verdict.kind === 'data') {
        for (const { context, ...timed } of parts.take(packet, { crc, address, hold }, now))
          store(timed, context)
      } else if (verdict.kind === 'notice') {
        metrics.count('hj212_packets_total', { cn: packet.cn })
        ledger.heard(packet.mn, null, now)
        settled(hold(), verdict.answer)
      } else metrics.count('hj212_ignored_total', { cn: packet.cn })
      return true
    },
    sweep() {
      lines = LINES
      const late = parts.expire(clock.now())
      if (late > 0) metrics.count('hj212_refused_total', { why: 'part_without_time' }, late)
    },
    counts: () => ({ stored, answered, notStored, lost }),
  }
}
