import { formatTime } from '../time/format.ts'

/** `10:41:07.240` in the city's zone. */
export const formatExact = (at: number, timezone: string): string =>
  `${formatTime(at, timezone)}.${String(Math.floor(at) % 1_000).padStart(3, '0')}`
