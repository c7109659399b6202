import type { EpochMs } from '../../core/units.ts'

/**
 * `prft`, the Producer Reference Time Box of ISO/IEC 14496-12 (8.16.5): "the frame of the media time M was taken at
 * wall-clock time W". It stands before a fragment wherever the offset between the two changes, so that a ring file
 * says the capture time of its frames by itself. Players skip it.
 */
export interface ReferenceTime {
  readonly capturedAt: EpochMs
  /** Presentation time in ticks of the track. */
  readonly mediaTicks: number
}

const SIZE = 32
/** Seconds from 1900 (NTP) to 1970. */
const NTP_EPOCH = 2_208_988_800
const FLAG_CAPTURED = 0x18

export function referenceTimeBox({ capturedAt, mediaTicks }: ReferenceTime): Buffer {
  const box = Buffer.alloc(SIZE)
  box.writeUInt32BE(SIZE, 0)
  box.write('prft', 4, 'latin1')
  // Version 1: media time in 64 bits.
  box.writeUInt32BE((1 << 24) | FLAG_CAPTURED, 8)
  box.writeUInt32BE(1, 12)
  const seconds = Math.floor(capturedAt / 1000)
  box.writeUInt32BE((seconds + NTP_EPOCH) >>> 0, 16)
  box.writeUInt32BE(Math.round(((capturedAt - seconds * 1000) / 1000) * 2 ** 32) >>> 0, 20)
  box.writeBigInt64BE(BigInt(Math.round(mediaTicks)), 24)
  return box
}

/** Null when it is too short or another version. */
export function readReferenceTime(box: Buffer): ReferenceTime | null {
  if (box.length < SIZE || box[8] !== 1) return null
  const ntp = box.readUInt32BE(16)
  // RFC 4330, section 3: without the highest bit it is a time after the turn of 2036.
  const seconds = (ntp < 2 ** 31 ? ntp + 2 ** 32 : ntp) - NTP_EPOCH
  const fraction = box.readUInt32BE(20) / 2 ** 32
  return { capturedAt: (seconds + fraction) * 1000, mediaTicks: Number(box.readBigInt64BE(24)) }
}
