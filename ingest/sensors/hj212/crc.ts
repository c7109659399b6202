/** Which checksum made a frame: the one of HJ 212, or CRC-16/MODBUS, which some devices wrongly compute instead. */
export type CrcKind = 'hj' | 'modbus'

const POLYNOMIAL = 0xa001

/** What eight shifts make of a register of one byte; both checksums step by it. */
const STEPS = Uint16Array.from({ length: 256 }, (_, byte) => {
  let register = byte
  for (let bit = 0; bit < 8; bit += 1) register = (register >> 1) ^ (register & 1 ? POLYNOMIAL : 0)
  return register
})

/**
 * The checksum of HJ 212 (Annex A; the algorithm as in srdgame/lua-HJ212, checked against the vectors of the tests): the
 * byte goes into the *shifted* register, which is what sets it apart from CRC-16/MODBUS. `123456789` gives 0x2F80.
 */
export function crcHj(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let register = 0xffff
  for (let at = from; at < to; at += 1) register = STEPS[(register >> 8) ^ (bytes[at] as number)] as number
  return register
}

/** CRC-16/MODBUS. `123456789` gives 0x4B37. */
export function crcModbus(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let register = 0xffff
  for (let at = from; at < to; at += 1)
    register = (register >> 8) ^ (STEPS[(register ^ (bytes[at] as number)) & 0xff] as number)
  return register
}

export const CRC: Readonly<Record<CrcKind, typeof crcHj>> = { hj: crcHj, modbus: crcModbus }

/** Four upper-case hex digits, high byte first, zero-padded. */
export const crcText = (crc: number): string => crc.toString(16).toUpperCase().padStart(4, '0')

/** Value of four ASCII hex digits of either case; -1 when one of them is none. */
export function readCrc(bytes: Uint8Array, at: number): number {
  let value = 0
  for (let place = at; place < at + 4; place += 1) {
    const digit = hexDigit(bytes[place] ?? 0)
    if (digit < 0) return -1
    value = (value << 4) | digit
  }
  return value
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const upper = code & ~0x20
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x37 : -1
}
