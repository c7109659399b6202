/**
 * Sampling on a fixed grid of instants k / fps: a picture is taken when its time enters a new cell of the grid. So the
 * mean rate is exact whatever the source's rate is, jitter does not add up, and two runs take the same pictures.
 *
 * ffmpeg's `fps` filter is no substitute: it rewrites time stamps, and a picture's time stamp is its identity.
 */

/** In cells: forgives time stamps that were rounded down to just before their instant (25/3 fps, ms time bases). */
const EDGE = 1e-3

/** The cell of the grid in which `seconds` lies. */
export const sampleCell = (seconds: number, fps: number): number => Math.floor(seconds * fps + EDGE)

/** Whether a picture at `seconds` is taken after the one at `previous` (null: it is the first). */
export function isSampled(seconds: number, previous: number | null, fps: number): boolean {
  // "Other", not "later": a clock that jumps back must not stop the sampling.
  return previous === null || sampleCell(seconds, fps) !== sampleCell(previous, fps)
}

/** The same rule as an expression of ffmpeg's `select` filter; `keys`: key frames are taken at any time. */
export function selectExpression(fps: number, keys: boolean): string {
  const cell = (time: string) => `floor(${time}*${fps}+${EDGE})`
  const rule = `isnan(prev_selected_t)+not(eq(${cell('t')},${cell('prev_selected_t')}))`
  return keys ? `key+${rule}` : rule
}
