import { formatFull } from '../time/format.ts'
import { zonedTime } from '../time/zoned.ts'
import type { Span } from './view.ts'

/** `2026-05-03`, as the clocks of the city show it. */
export const dayText = (at: number, timezone: string): string => formatFull(at, timezone).slice(0, 10)

/** The day of the city that a moment lies in; it may have 23 or 25 hours. */
export function dayOf(at: number, timezone: string): Span | null {
  return dayNamed(dayText(at, timezone), timezone)
}

/** Null: no such day. */
export function dayNamed(text: string, timezone: string): Span | null {
  const from = zonedTime(`${text} 00:00`, timezone)
  const noon = Date.parse(`${text}T12:00:00Z`)
  if (from === null || Number.isNaN(noon)) return null
  const to = zonedTime(`${new Date(noon + 86_400_000).toISOString().slice(0, 10)} 00:00`, timezone)
  return to === null ? null : { from: Date.parse(from), to: Date.parse(to) }
}

/** The same time of another day, as far as it is not in the future. */
export function sameTimeOn(text: string, at: number, timezone: string, now: number): number | null {
  const old = dayOf(at, timezone)
  const next = dayNamed(text, timezone)
  if (!old || !next) return null
  return Math.max(next.from, Math.min(next.from + (at - old.from), next.to - 1, now))
}
