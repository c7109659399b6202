import type { EpochMs } from '../../../core/units.ts'
import type { Hj212Device, PacketRefusal } from './verdict.ts'

/** A device with which something is wrong. */
export interface NamedFault {
  /** Printable; for an unknown command the command's number. */
  readonly name: string
  /** Where the last such packet came from. */
  readonly address: string
  readonly packets: number
  readonly lastAt: EpochMs
}

export interface DeviceFacts {
  readonly mn: string
  readonly lastAt: EpochMs
  /** Time here minus the device's own, at its last reading, ms: its clock's error and the way here. Null: no reading yet. */
  readonly skewMs: number | null
}

/** How the receiver stands. Counts are since its start. */
export interface Hj212Facts {
  readonly connections: number
  /** Packets whose readings the sink has taken. */
  readonly stored: number
  readonly answered: number
  /** Packets that the sink refused. */
  readonly notStored: number
  /** Of those, packets that their device does not send again: it wants no answers. */
  readonly lost: number
  /** Packets that wait for the sink now. */
  readonly unstored: number
  /** Whether the sink refused the last batch. */
  readonly refusing: boolean
  /** Devices heard of since the start, configured ones only. */
  readonly devices: readonly DeviceFacts[]
  /** Faults of the last hour by kind, newest last; bounded. A device that does well again is gone from here. */
  readonly faults: Readonly<Record<PacketRefusal, readonly NamedFault[]>>
}

/** Older faults say nothing of now. */
const STALE_MS = 3_600_000
/** Faults that are named by kind; more are counted only. */
const MOST_NAMED = 100

const KINDS: readonly PacketRefusal[] = [
  'unknown_device',
  'wrong_crc',
  'wrong_password',
  'unknown_command',
  'no_time',
  'encrypted',
]

export interface Ledger {
  /** True: it was not on the list before. */
  fault(kind: PacketRefusal, name: string, address: string, now: EpochMs): boolean
  /** A packet of a configured device that is in order. */
  heard(mn: string, at: EpochMs | null, now: EpochMs): void
  devices(configured: ReadonlyMap<string, Hj212Device>): readonly DeviceFacts[]
  faults(configured: ReadonlyMap<string, Hj212Device>, now: EpochMs): Hj212Facts['faults']
}

/** Remembers who was heard of and what was wrong with whom, within bounds whatever is sent. */
export function createLedger(): Ledger {
  const devices = new Map<string, DeviceFacts>()
  const lists = new Map<PacketRefusal, Map<string, NamedFault>>(KINDS.map((kind) => [kind, new Map()]))
  const listOf = (kind: PacketRefusal) => lists.get(kind) ?? new Map<string, NamedFault>()

  return {
    fault(kind, name, address, now) {
      const list = listOf(kind)
      const shown = printable(name)
      const before = list.get(shown)
      // The newest is last, so that the first is the one to make room.
      list.delete(shown)
      list.set(shown, { name: shown, address, packets: (before?.packets ?? 0) + 1, lastAt: now })
      for (const [oldest] of list) {
        if (list.size <= MOST_NAMED) break
        list.delete(oldest)
      }
      return before === undefined
    },
    heard(mn, at, now) {
      const skewMs = at === null ? (devices.get(mn)?.skewMs ?? null) : now - at
      devices.set(mn, { mn, lastAt: now, skewMs })
      for (const kind of ['wrong_crc', 'wrong_password', 'no_time', 'encrypted'] as const)
        listOf(kind).delete(mn)
    },
    devices(configured) {
      for (const mn of devices.keys()) if (!configured.has(mn)) devices.delete(mn)
      return [...devices.values()]
    },
    faults(configured, now) {
      const named = (kind: PacketRefusal, keep: (fault: NamedFault) => boolean) =>
        [...listOf(kind).values()].filter((fault) => now - fault.lastAt <= STALE_MS && keep(fault))
      const ofConfigured = ({ name }: NamedFault) => configured.has(name)
      return {
        unknown_device: named('unknown_device', (fault) => !ofConfigured(fault)),
        wrong_crc: named('wrong_crc', ofConfigured),
        wrong_password: named('wrong_password', ofConfigured),
        unknown_command: named('unknown_command', () => true),
        no_time: named('no_time', ofConfigured),
        encrypted: named('encrypted', ofConfigured),
      }
    },
  }
}

const LONGEST_NAME = 32
/** What a stranger wrote, fit for a page and a log line. */
export const printable = (text: string): string => text.slice(0, LONGEST_NAME).replace(/[^\x21-\x7e]/g, '?')

const MOST_SHOWN = 5

/** What a person has to know and do, in plain words without secrets; empty: all is well. */
export function hj212Problems(facts: Hj212Facts): readonly string[] {
  const recent = (kind: PacketRefusal, say: (fault: NamedFault) => string): string[] => {
    const faults = facts.faults[kind]
    const more = faults.length - MOST_SHOWN
    return [...faults.slice(-MOST_SHOWN).map(say), ...(more > 0 ? [`and ${more} more like it`] : [])]
  }
  return [
    ...(facts.refusing
      ? [
          `readings are not stored: the spool refuses them (${facts.notStored} packets so far, ${facts.lost} of them from devices that do not send again)`,
        ]
      : []),
    ...recent(
      'unknown_device',
      ({ name, address, packets }) =>
        `unknown device ${name} from ${address} (${packets} packets): add its sensors to the city file (source: hj212, mn: "${name}")`,
    ),
    ...recent(
      'wrong_password',
      ({ name, address }) =>
        `device ${name} from ${address} shows another PW than its passwordFile: correct one of them`,
    ),
    ...recent(
      'wrong_crc',
      ({ name }) => `device ${name} computes CRC-16/MODBUS: set "crc: modbus" on its sensors`,
    ),
    ...recent('no_time', ({ name }) => `device ${name} sends data without a readable DataTime`),
    ...recent(
      'encrypted',
      ({ name }) =>
        `device ${name} seems to encrypt its data (SM4 of HJ 212-2025), which is not supported: switch it off there, or use a private network`,
    ),
    ...recent(
      'unknown_command',
      ({ name, address, packets }) =>
        `unknown command CN=${name} from ${address} (${packets} packets), not stored`,
    ),
  ]
}
