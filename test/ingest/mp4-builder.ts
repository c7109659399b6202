/** Fragmented MP4 by hand: the smallest files that our parser accepts, with every choice a muxer has. */

export const box = (type: string, ...parts: readonly Uint8Array[]): Buffer => {
  const size = parts.reduce((sum, part) => sum + part.length, 8)
  return Buffer.concat([u32(size), Buffer.from(type, 'latin1'), ...parts])
}
export const u32 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, i) => void bytes.writeUInt32BE(value >>> 0, i * 4))
  return bytes
}
const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
const zeros = (count: number): Buffer => Buffer.alloc(count)

/** Profile High, level 3.1, one SPS. */
export const AVC_CONFIG = Buffer.from([1, 0x64, 0x00, 0x1f, 0xff, 0xe1, 0, 1, 0x67])

/** Profile Main, level 3.1, as in the example of ISO/IEC 14496-15 annex E. */
export const HEVC_CONFIG = Buffer.concat([
  Buffer.from([1, 0x01]),
  u32(0x60000000),
  Buffer.from([0xb0, 0, 0, 0, 0, 0, 93]),
  zeros(9),
  Buffer.from([3]),
])

export interface InitOptions {
  readonly entry?: string
  readonly config?: Buffer | null
  readonly width?: number
  readonly height?: number
  readonly timescale?: number
  readonly defaultFlags?: number
  readonly defaultDuration?: number
  readonly long?: boolean
}

export function initSegment(options: InitOptions = {}): Buffer {
  const { entry = 'avc1', width = 640, height = 360, timescale = 12_800 } = options
  const config = options.config === undefined ? box('avcC', AVC_CONFIG) : options.config
  const size = zeros(78)
  size.writeUInt16BE(width, 24)
  size.writeUInt16BE(height, 26)
  const times = options.long ? [u32(0x01000000), zeros(16)] : [zeros(4), zeros(8)]
  const video = box(
    'trak',
    box('tkhd', ...times, u32(7), zeros(60)),
    box(
      'mdia',
      box('mdhd', ...times, u32(timescale), zeros(8)),
      box('hdlr', zeros(8), Buffer.from('vide'), zeros(13)),
      box('minf', box('stbl', box('stsd', u32(0, 1), box(entry, size, config ?? zeros(0))))),
    ),
  )
  const sound = box('trak', box('mdia', box('hdlr', zeros(8), Buffer.from('soun'), zeros(13))))
  const trex = box('trex', u32(0, 7, 1, options.defaultDuration ?? 0, 0, options.defaultFlags ?? 0))
  return Buffer.concat([
    box('ftyp', Buffer.from('iso5')),
    box('moov', box('mvhd', zeros(100)), sound, video, box('mvex', trex)),
  ])
}

export interface FragmentOptions {
  readonly time?: number
  readonly duration?: number
  readonly offset?: number
  readonly key?: boolean
  /** Where the muxer says whether it is a key frame. */
  readonly flagsIn?: 'trex' | 'tfhd' | 'trun-first' | 'trun-sample'
  readonly durationIn?: 'trex' | 'tfhd' | 'trun'
  readonly longTime?: boolean
  readonly samples?: number
  readonly payload?: Uint8Array
  readonly track?: number
}

const NON_SYNC = 0x01010000
const SYNC = 0x02000000

export function fragment(options: FragmentOptions = {}): Buffer {
  const {
    time = 0,
    duration = 512,
    offset = 0,
    key = true,
    payload = Buffer.from('frame'),
    samples = 1,
  } = options
  const { flagsIn = 'tfhd', durationIn = 'tfhd', longTime = true, track = 7 } = options
  const flags = key ? SYNC : NON_SYNC
  const tfhdFlags = 0x020000 | 0x10 | (durationIn === 'tfhd' ? 0x08 : 0) | (flagsIn === 'tfhd' ? 0x20 : 0)
  const tfhd = [u32(tfhdFlags, track)]
  if (durationIn === 'tfhd') tfhd.push(u32(duration))
  tfhd.push(u32(payload.length))
  if (flagsIn === 'tfhd') tfhd.push(u32(flags))
  const trunFlags =
    0x001 |
    0x200 |
    0x800 |
    (durationIn === 'trun' ? 0x100 : 0) |
    (flagsIn === 'trun-first' ? 0x004 : 0) |
    (flagsIn === 'trun-sample' ? 0x400 : 0)
  const trun = [u32(0x01000000 | trunFlags, samples, 0)]
  if (flagsIn === 'trun-first') trun.push(u32(flags))
  if (durationIn === 'trun') trun.push(u32(duration))
  trun.push(u32(payload.length))
  if (flagsIn === 'trun-sample') trun.push(u32(flags))
  trun.push(u32(offset))
  const tfdt = longTime ? box('tfdt', u32(0x01000000), u64(time)) : box('tfdt', u32(0, time))
  const traf = box('traf', box('tfhd', ...tfhd), tfdt, box('trun', ...trun))
  return Buffer.concat([box('moof', box('mfhd', u32(0, 1)), traf), box('mdat', payload)])
}
