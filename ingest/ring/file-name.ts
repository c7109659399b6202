import type { EpochMs } from '../../core/units.ts'

/**
 * A ring file's name says what it holds, so that the index is rebuilt from the folder alone:
 * `<connection>_<from>_<to>.mp4`, or `<connection>_<from>.part.mp4` while it grows. All three are capture times, epoch
 * ms; the first is that of the connection's first fragment and stands for the connection: files that share it share
 * one init segment.
 */
export interface RingFileName {
  readonly connection: EpochMs
  readonly from: EpochMs
  /** Capture time of the last frame; null while the file grows (or after a crash, until it is scanned). */
  readonly to: EpochMs | null
}

const NAME = /^(\d{1,15})_(\d{1,15})(?:_(\d{1,15})|\.part)\.mp4$/

export const ringFileName = ({ connection, from, to }: RingFileName): string =>
  to === null ? `${connection}_${from}.part.mp4` : `${connection}_${from}_${to}.mp4`

export function parseRingFileName(name: string): RingFileName | null {
  const match = NAME.exec(name)
  if (!match) return null
  const to = match[3] === undefined ? null : Number(match[3])
  return { connection: Number(match[1]), from: Number(match[2]), to }
}
