import { type ReadingsMessage, toReadingsMessage } from '../../../core/reading.ts'
import type { EpochMs } from '../../../core/units.ts'
import type { CityTime } from './city-time.ts'
import { kindOfCommand } from './codes.ts'
import type { CrcKind } from './crc.ts'
import { dataAnswer, noticeAnswer, wantsAnswer } from './encode.ts'
import type { TimedPacket } from './packets.ts'
import { readReadings } from './readings.ts'
import type { Packet } from './segment.ts'

/** What the city file says of a device. */
export interface Hj212Device {
  readonly crc: CrcKind
  /** Its PW, read from its file already; null: any is taken. */
  readonly password: string | null
}

/** Why a packet with a good frame is neither stored nor answered. */
export type PacketRefusal =
  | 'unknown_device'
  | 'wrong_crc'
  | 'wrong_password'
  | 'unknown_command'
  /** No DataTime that can be read. */
  | 'no_time'
  /** The same of a 2025 packet whose parameters are not plain `key=value`: encrypted with SM4, it seems. */
  | 'encrypted'

/** What is to be done with a packet. `answer`: goes out once the messages are stored; null: none is wanted. */
export type Verdict =
  | { readonly kind: 'refused'; readonly why: PacketRefusal }
  /** A reply to a request that this receiver never made, or 2025's activation. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'data' }
  | { readonly kind: 'notice'; readonly answer: Buffer | null }

/** Whose packet it is, whether it may speak, and what kind of command it brings. */
export function judge(packet: Packet, crc: CrcKind, device: Hj212Device | undefined): Verdict {
  if (device === undefined) return { kind: 'refused', why: 'unknown_device' }
  if (crc !== 'hj' && crc !== device.crc) return { kind: 'refused', why: 'wrong_crc' }
  if (device.password !== null && packet.password !== device.password)
    return { kind: 'refused', why: 'wrong_password' }
  switch (kindOfCommand(packet.cn)) {
    case 'data':
      return { kind: 'data' }
    case 'started':
      return { kind: 'notice', answer: wantsAnswer(packet) ? dataAnswer(packet, crc) : null }
    case 'notice':
      return { kind: 'notice', answer: wantsAnswer(packet) ? noticeAnswer(packet, crc) : null }
    case 'reply':
      return { kind: 'ignored' }
    case 'unknown':
      return { kind: 'refused', why: 'unknown_command' }
  }
}

export interface ReceivedData {
  /** Empty: a data packet without a single value. */
  readonly messages: readonly ReadingsMessage[]
  /** Time of its first reading by the device's clock; null: it has none. */
  readonly at: EpochMs | null
  readonly answer: Buffer | null
  readonly ignored: number
  readonly repaired: number
}

/** More readings than this are several messages: as many as one may hold. */
const MOST_READINGS = 500

/** The messages of a data packet, and the answer that goes out when they are stored. */
export function receiveData(
  timed: TimedPacket,
  crc: CrcKind,
  by: { readonly cityTime: CityTime; readonly receivedAt: EpochMs; readonly worker: string },
): ReceivedData | { readonly refused: 'no_time' | 'encrypted' } {
  const { packet } = timed
  const found = readReadings(timed, by.cityTime)
  if (found === null) return { refused: looksEncrypted(packet) ? 'encrypted' : 'no_time' }
  const { readings, ignored, repaired } = found
  const messages: ReadingsMessage[] = []
  for (let from = 0; from < readings.length; from += MOST_READINGS)
    messages.push(
      toReadingsMessage({
        device: packet.mn,
        protocol: 'hj212',
        receivedAt: by.receivedAt,
        worker: by.worker,
        readings: readings.slice(from, from + MOST_READINGS),
        status: null,
      }),
    )
  return {
    messages,
    at: readings[0]?.at ?? null,
    answer: wantsAnswer(packet) ? dataAnswer(packet, crc) : null,
    ignored,
    repaired,
  }
}

const OF_2025 = 2
const looksEncrypted = ({ flag, fields, odd }: Packet): boolean =>
  flag !== null &&
  flag >> 2 >= OF_2025 &&
  (fields.length > 0 || odd.includes('field_without_value')) &&
  fields.every(({ key }) => key !== 'DataTime' && !key.includes('-'))
