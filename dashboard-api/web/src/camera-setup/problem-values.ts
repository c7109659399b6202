import type { ProbeAnswer } from '../api/camera-setup.ts'

/** What the sentences about problems name. `frames`: the I-frame interval to be set, for one every 2 s. */
export const problemValues = (
  seen: NonNullable<ProbeAnswer['seen']>,
): Readonly<Record<string, string | number>> => ({
  every: seen.keyFrameSeconds ?? `> ${seen.watchedSeconds}`,
  frames: Math.max(1, Math.round(seen.fps * 2)),
  codec: (seen.encodedFrom ?? '').toUpperCase(),
  size: `${seen.width}×${seen.height}`,
  fps: seen.fps,
  rate: seen.clockRate ?? 1,
})
