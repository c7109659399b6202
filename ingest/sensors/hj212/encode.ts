import { ST_INTERACTION } from './codes.ts'
import { CRC, type CrcKind, crcText } from './crc.ts'
import type { Field, Packet } from './segment.ts'

const MOST_BYTES = 9_999
/** Bits of `Flag`: an answer is wanted; the packet has numbers. The version is what stands above them. */
const ANSWER = 1
const NUMBERED = 2

/** The frame of a data segment, with CR LF. Throws RangeError over 9,999 bytes: the length has four digits. */
export function encodeFrame(segment: string, crc: CrcKind = 'hj'): Buffer {
  const bytes = Buffer.from(segment, 'utf8')
  if (bytes.length > MOST_BYTES)
    throw new RangeError(`a data segment of ${bytes.length} bytes: an HJ 212 frame takes up to ${MOST_BYTES}`)
  const length = String(bytes.length).padStart(4, '0')
  return Buffer.concat([
    Buffer.from(`##${length}`, 'latin1'),
    bytes,
    Buffer.from(`${crcText(CRC[crc](bytes))}\r\n`, 'latin1'),
  ])
}

/** The data segment of a packet: what `decodeSegment` reads back. Fields of one factor go with `,`, others with `;`. */
export function encodeSegment(packet: Omit<Packet, 'odd'>): string {
  const { qn, st, cn, password, mn, flag, part, fields } = packet
  const header: readonly (readonly [string, string | number | null])[] = [
    ['QN', qn],
    ['ST', st],
    ['CN', cn],
    ['PW', password],
    ['MN', mn],
    ['Flag', flag],
    ['PNUM', part?.count ?? null],
    ['PNO', part?.no ?? null],
  ]
  const said = header.filter(([, value]) => value !== null).map(([key, value]) => `${key}=${value};`)
  return `${said.join('')}CP=&&${parameters(fields)}&&`
}

function parameters(fields: readonly Field[]): string {
  return fields
    .map(({ key, value }, index) => {
      const before = index === 0 ? null : (fields[index - 1]?.key ?? null)
      const separator = before === null ? '' : factorOf(before) === factorOf(key) ? ',' : ';'
      return `${separator}${key}=${value}`
    })
    .join('')
}

/** Only a key of the form factor-field has a factor; two keys without one are two groups. */
const factorOf = (key: string): string =>
  key.includes('-') ? key.slice(0, key.lastIndexOf('-')) : `\0${key}`

/** Whether the device waits for an answer: it says so by the D bit, or numbers a packet that has no `Flag` at all. */
export const wantsAnswer = ({ flag, qn }: Pick<Packet, 'flag' | 'qn'>): boolean =>
  flag === null ? qn !== null : (flag & ANSWER) !== 0

/** Version bits of a device's `Flag` (0: 2005, 1: 2017, 2: 2025), as an answer carries them. */
const answerFlag = (flag: number | null): number => (flag ?? 0) & ~(ANSWER | NUMBERED)

type Request = Pick<Packet, 'qn' | 'mn' | 'password' | 'flag'>

function answer(request: Request, cn: string, fields: readonly Field[], crc: CrcKind): Buffer {
  const { qn, mn, password, flag } = request
  return encodeFrame(
    encodeSegment({ qn, st: ST_INTERACTION, cn, password, mn, flag: answerFlag(flag), part: null, fields }),
    crc,
  )
}

/** 9014: the data is stored. `crc`: what the device itself computes. */
export const dataAnswer = (request: Request, crc: CrcKind): Buffer => answer(request, '9014', [], crc)

/** 9013: a notice (heartbeat, question for the time) has come. */
export const noticeAnswer = (request: Request, crc: CrcKind): Buffer => answer(request, '9013', [], crc)

/** QnRtn: 1 will run, 2 refused, wrong 3 PW, 4 MN, 5 ST, 6 Flag, 7 QN, 8 CN, 9 CRC, 100 unknown. */
export type RequestReturn = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 100
/** ExeRtn: 1 well, 2 failed, 3 condition, 4 time-out, 5 busy, 6 system, 100 no data. */
export type ResultReturn = 1 | 2 | 3 | 4 | 5 | 6 | 100

/** 9011: whether a request will be carried out. */
export const requestAnswer = (request: Request, code: RequestReturn, crc: CrcKind): Buffer =>
  answer(request, '9011', [{ key: 'QnRtn', value: String(code) }], crc)

/** 9012: how a request ended. */
export const resultAnswer = (request: Request, code: ResultReturn, crc: CrcKind): Buffer =>
  answer(request, '9012', [{ key: 'ExeRtn', value: String(code) }], crc)
