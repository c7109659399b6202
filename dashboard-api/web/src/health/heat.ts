import type { CoverageDay } from '../../../../core/api/health-desk.ts'

type Camera = CoverageDay['cameras'][number]

/** How a camera was watched in one hour; `future`: nothing of it has passed. `part`: for less than 95 % of it. */
export type Heat = 'watched' | 'part' | 'pulled' | 'none' | 'future'

/** Most of what has passed decides; a hole of more than 5 % is no full hour. All in seconds. */
export function heatOf({ watched, pulled }: { watched: number; pulled: number }, elapsed: number): Heat {
  if (elapsed === 0) return 'future'
  if (watched >= elapsed * 0.95) return 'watched'
  if (watched > 0) return 'part'
  return pulled > 0 ? 'pulled' : 'none'
}

/** Whether some hour that has passed was not watched from end to end. */
export const isBad = (camera: Camera, elapsed: readonly number[]): boolean =>
  camera.hours.some((hour, n) => !['watched', 'future'].includes(heatOf(hour, elapsed[n] ?? 0)))

/** Per cent of `possible` seconds, to one digit; of none a dash. */
export const shareText = (seconds: number, possible: number): string =>
  possible === 0 ? '—' : `${((seconds / possible) * 100).toFixed(1)} %`
