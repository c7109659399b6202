import { type Box, findBox, notPlayable } from './boxes.ts'

/** Fields of a VisualSampleEntry before its child boxes (ISO/IEC 14496-12, 12.1.3). */
const SAMPLE_ENTRY_BYTES = 78

const hex = (value: number): string => value.toString(16).toUpperCase()
const hex2 = (value: number): string => value.toString(16).padStart(2, '0')

/**
 * RFC 6381 name of the codec of a sample entry, from its decoder configuration: `avc1.64001f` (profile, constraints,
 * level), `hvc1.1.6.L93.B0` (ISO/IEC 14496-15 annex E). Throws `camera_codec` for anything but H.264 and H.265.
 */
export function codecString(bytes: Buffer, entry: Box): string {
  const inner = { start: Math.min(entry.start + SAMPLE_ENTRY_BYTES, entry.end), end: entry.end }
  switch (entry.type) {
    case 'avc1':
    case 'avc3':
      return avc(bytes, entry.type, findBox(bytes, inner, 'avcC'))
    case 'hvc1':
    case 'hev1':
      return hevc(bytes, entry.type, findBox(bytes, inner, 'hvcC'))
    default:
      throw notPlayable(
        `it sends "${entry.type}"; Sharp Eyes takes H.264 and H.265 (set the camera's video encoding)`,
      )
  }
}

function avc(bytes: Buffer, type: string, config: Box | null): string {
  // Byte 5 counts the SPS: without one neither a browser nor a decoder can begin.
  if (!config || config.end - config.start < 7 || ((bytes[config.start + 5] ?? 0) & 0x1f) === 0) {
    throw notPlayable('its H.264 stream does not say its parameters (no SPS) at the start')
  }
  const byte = (i: number) => bytes[config.start + i] ?? 0
  return `${type}.${hex2(byte(1))}${hex2(byte(2))}${hex2(byte(3))}`
}

function hevc(bytes: Buffer, type: string, config: Box | null): string {
  // Byte 22 counts the parameter sets.
  if (!config || config.end - config.start < 23 || bytes[config.start + 22] === 0) {
    throw notPlayable('its H.265 stream does not say its parameters (no VPS, SPS, PPS) at the start')
  }
  const at = config.start
  const first = bytes[at + 1] ?? 0
  const space = ['', 'A', 'B', 'C'][first >> 6] ?? ''
  const tier = (first & 0x20) === 0 ? 'L' : 'H'
  const compatibility = reverseBits(bytes.readUInt32BE(at + 2))
  const constraints = [...bytes.subarray(at + 6, at + 12)]
  while (constraints.length > 0 && constraints.at(-1) === 0) constraints.pop()
  return [
    type,
    `${space}${first & 0x1f}`,
    hex(compatibility),
    `${tier}${bytes[at + 12] ?? 0}`,
    ...constraints.map(hex),
  ].join('.')
}

function reverseBits(value: number): number {
  let result = 0
  for (let bit = 0; bit < 32; bit++) result = ((result << 1) | ((value >>> bit) & 1)) >>> 0
  return result
}
