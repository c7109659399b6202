/** Milliseconds since 1970-01-01T00:00:00Z. Times are UTC everywhere but on screen. */
export type EpochMs = number

/** A length of time in milliseconds. */
export type DurationMs = number

/** SHA-256 of exact bytes, 64 lower-case hex digits. */
export type Sha256 = string

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `10s`, `2h`, `1.5d` → milliseconds; null when the text is not a duration. */
export function parseDuration(text: string): DurationMs | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim())
  if (!match) return null
  return Math.round(Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS])
}

/** Milliseconds → the shortest text that `parseDuration` reads back: `90s`, `2h`, `3d`. */
export function formatDuration(ms: DurationMs): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (ms > 0 && ms % UNIT_MS[unit] === 0) return `${ms / UNIT_MS[unit]}${unit}`
  }
  return ms === 0 ? '0s' : `${ms}ms`
}
