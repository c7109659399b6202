import { type Box, boxesIn, fieldsOf, findBox, needBox, notPlayable } from './boxes.ts'
import { codecString } from './codec-string.ts'

/** What `moov` says of the one video track. */
export interface TrackFacts {
  readonly trackId: number
  readonly codec: string
  readonly width: number
  readonly height: number
  /** Ticks a second. */
  readonly timescale: number
  /** `trex`: what a fragment need not repeat. */
  readonly defaults: SampleDefaults
}

interface SampleDefaults {
  readonly duration: number
  readonly flags: number
}

/**
 * Reads `ftyp` + `moov`. Throws `camera_codec` when it has no H.264 or H.265 track or is damaged. Edit lists are not
 * read: with `empty_moov` ffmpeg's muxer shifts times instead of writing one.
 */
export function parseInit(bytes: Buffer): TrackFacts {
  const moov = needBox(bytes, { start: 0, end: bytes.length }, 'moov')
  const track = videoTrack(bytes, moov)
  const trackId = trackIdOf(bytes, track)
  const description = needBox(bytes, track, 'mdia', 'minf', 'stbl', 'stsd')
  // stsd: version and flags, then the number of entries.
  const [entry] = boxesIn(bytes, description.start + 8, description.end)
  if (!entry || entry.end - entry.start < 28)
    throw notPlayable('the stream is damaged: it describes no video')
  const timescale = timescaleOf(bytes, needBox(bytes, track, 'mdia', 'mdhd'))
  if (timescale === 0) throw notPlayable('the stream is damaged: its clock has no scale')
  return {
    trackId,
    codec: codecString(bytes, entry),
    width: bytes.readUInt16BE(entry.start + 24),
    height: bytes.readUInt16BE(entry.start + 26),
    timescale,
    defaults: defaultsOf(bytes, moov, trackId),
  }
}

function videoTrack(bytes: Buffer, moov: Box): Box {
  for (const box of boxesIn(bytes, moov.start, moov.end)) {
    if (box.type !== 'trak') continue
    const handler = needBox(bytes, box, 'mdia', 'hdlr')
    if (bytes.toString('latin1', handler.start + 8, handler.start + 12) === 'vide') return box
  }
  throw notPlayable('the stream has no video track')
}

function trackIdOf(bytes: Buffer, track: Box): number {
  const header = fieldsOf(bytes, needBox(bytes, track, 'tkhd'))
  header.skip(header.version === 1 ? 16 : 8)
  return header.u32()
}

function timescaleOf(bytes: Buffer, mdhd: Box): number {
  const header = fieldsOf(bytes, mdhd)
  header.skip(header.version === 1 ? 16 : 8)
  return header.u32()
}

function defaultsOf(bytes: Buffer, moov: Box, trackId: number): SampleDefaults {
  const mvex = findBox(bytes, moov, 'mvex')
  if (!mvex) throw notPlayable('the stream is no fragmented MP4: no "mvex" box')
  for (const box of boxesIn(bytes, mvex.start, mvex.end)) {
    if (box.type !== 'trex') continue
    const trex = fieldsOf(bytes, box)
    if (trex.u32() !== trackId) continue
    trex.skip(4)
    const duration = trex.u32()
    trex.skip(4)
    return { duration, flags: trex.u32() }
  }
  return { duration: 0, flags: 0 }
}
