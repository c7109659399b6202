/** A dry run over recorded pictures is to take no longer than this. */
const LONGEST_RUN_MS = 15 * 60_000
/** Before anything was measured: a 1080p25 camera at full attention on one core that others need too. */
const FIRST_GUESS = 8
/** Whatever was measured: a quarter of an hour may always be asked for. */
const LEAST_SPAN_MS = 15 * 60_000
/** A shorter run says more of its starting than of its speed. */
const TELLING_MS = 60_000
const MOST_CAMERAS = 1_000

/** How many times as fast as it was recorded a camera's recording is judged here, and so how much of it at once. */
export interface ReplaySpeed {
  /** A run has judged `recordedMs` in `tookMs`. Answers the speed of it. */
  note(camera: string, recordedMs: number, tookMs: number): number
  /** The most recorded time that is judged at once. */
  longestMs(camera: string): number
}

export function createReplaySpeed(): ReplaySpeed {
  const measured = new Map<string, number>()
  return {
    note(camera, recordedMs, tookMs) {
      const speed = recordedMs / Math.max(1, tookMs)
      if (recordedMs < TELLING_MS) return speed
      const before = measured.get(camera)
      measured.delete(camera)
      measured.set(camera, before === undefined ? speed : (before + speed) / 2)
      const [oldest] = measured.keys()
      if (measured.size > MOST_CAMERAS && oldest !== undefined) measured.delete(oldest)
      return speed
    },
    longestMs: (camera) =>
      Math.max(LEAST_SPAN_MS, Math.floor((measured.get(camera) ?? FIRST_GUESS) * LONGEST_RUN_MS)),
  }
}
