import { boxesIn, fieldsOf, needBox, notPlayable } from './boxes.ts'
import type { TrackFacts } from './init-segment.ts'

/** What `moof` says of its one frame. Times in ticks of the track. */
export interface FragmentFacts {
  readonly decodeTime: number
  /** Presentation minus decode time; more than 0 where the stream reorders (B-frames). */
  readonly compositionOffset: number
  readonly duration: number
  readonly key: boolean
  /** Where in the bytes the decode time stands, and in how many: what `moveDecodeTime` writes. */
  readonly timeAt: number
  readonly timeBytes: 4 | 8
}

const NON_SYNC_SAMPLE = 0x10000

/** Reads a `moof` of exactly one frame. Throws `camera_codec` when it is damaged or holds another number of frames. */
export function parseFragment(bytes: Buffer, moofSize: number, track: TrackFacts): FragmentFacts {
  const moof = needBox(bytes, { start: 0, end: moofSize }, 'moof')
  for (const traf of boxesIn(bytes, moof.start, moof.end)) {
    if (traf.type !== 'traf') continue
    const header = fieldsOf(bytes, needBox(bytes, traf, 'tfhd'))
    if (header.u32() !== track.trackId) continue
    if (header.flags & 0x01) header.skip(8)
    if (header.flags & 0x02) header.skip(4)
    const duration = header.flags & 0x08 ? header.u32() : track.defaults.duration
    if (header.flags & 0x10) header.skip(4)
    const flags = header.flags & 0x20 ? header.u32() : track.defaults.flags

    const timeBox = needBox(bytes, traf, 'tfdt')
    const time = fieldsOf(bytes, timeBox)
    const sample = readSample(bytes, needBox(bytes, traf, 'trun'), { duration, flags })
    return {
      decodeTime: time.version === 1 ? time.u64() : time.u32(),
      compositionOffset: sample.compositionOffset,
      duration: sample.duration,
      key: (sample.flags & NON_SYNC_SAMPLE) === 0,
      timeAt: timeBox.start + 4,
      timeBytes: time.version === 1 ? 8 : 4,
    }
  }
  throw notPlayable('the stream is damaged: a fragment without the video track')
}

function readSample(
  bytes: Buffer,
  box: { type: string; start: number; end: number },
  defaults: { duration: number; flags: number },
) {
  const run = fieldsOf(bytes, box)
  const samples = run.u32()
  if (samples !== 1) throw notPlayable(`a fragment holds ${samples} frames where one was expected`)
  if (run.flags & 0x001) run.skip(4)
  const firstFlags = run.flags & 0x004 ? run.u32() : defaults.flags
  const duration = run.flags & 0x100 ? run.u32() : defaults.duration
  if (run.flags & 0x200) run.skip(4)
  const flags = run.flags & 0x400 ? run.u32() : firstFlags
  // Version 0 is unsigned by the standard, yet muxers write negative offsets into it, and all players read it signed.
  const compositionOffset = run.flags & 0x800 ? run.i32() : 0
  return { duration, flags, compositionOffset }
}

/** Writes another decode time into a fragment, so that a film that starts over goes on in time. */
export function moveDecodeTime(bytes: Buffer, facts: FragmentFacts, decodeTime: number): void {
  if (facts.timeBytes === 8) bytes.writeBigUInt64BE(BigInt(decodeTime), facts.timeAt)
  else bytes.writeUInt32BE(decodeTime, facts.timeAt)
}
