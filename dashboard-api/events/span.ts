import { SharpEyesError } from '../../core/errors.ts'
import type { EpochMs } from '../../core/units.ts'

const DAY_MS = 86_400_000

/** [from, to), epoch ms. */
export interface Span {
  readonly from: EpochMs
  readonly to: EpochMs
}

/** What a question asks for; absent: the last 24 hours. Throws `invalid` for no span, or one longer than `maxDays`. */
export function spanOf(
  query: {
    readonly from?: EpochMs | undefined
    readonly to?: EpochMs | undefined
    readonly day?: string | undefined
  },
  { now, timezone, maxDays }: { readonly now: EpochMs; readonly timezone: string; readonly maxDays: number },
): Span {
  if (query.day !== undefined) {
    if (query.from !== undefined || query.to !== undefined)
      throw new SharpEyesError('invalid', 'day: is a span already; leave out from and to')
    return dayOf(query.day, timezone)
  }
  const to = query.to ?? (query.from === undefined ? now : Math.min(now, query.from + DAY_MS))
  const from = query.from ?? to - DAY_MS
  if (from >= to)
    throw new SharpEyesError('invalid', `from: ${iso(from)} is not before ${iso(to)}`, {
      details: { why: 'span_turned' },
    })
  if (to - from > maxDays * DAY_MS)
    throw new SharpEyesError(
      'invalid',
      `from: ${iso(from)} is more than ${maxDays} days before ${iso(to)}; ask in parts`,
      { details: { why: 'span_long', days: maxDays } },
    )
  return { from, to }
}

const iso = (at: EpochMs): string => new Date(at).toISOString()

/** A day of the city, which may have 23 or 25 hours. */
export function dayOf(day: string, timezone: string): Span {
  const noon = Date.parse(`${day}T12:00:00Z`)
  return {
    from: startOfDay(day, timezone),
    to: startOfDay(iso(noon + DAY_MS).slice(0, 10), timezone),
  }
}

/** First moment of a day in the zone: where midnight does not exist, what comes instead of it. */
function startOfDay(day: string, timezone: string): EpochMs {
  const asUtc = Date.parse(`${day}T00:00:00Z`)
  // Twice: the second time with the offset that holds at the moment that the first one found.
  const guess = asUtc - offsetAt(asUtc, timezone)
  return asUtc - offsetAt(guess, timezone)
}

/** How far the zone's clock is ahead of UTC at a moment, ms. */
function offsetAt(at: EpochMs, timezone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at)
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value)
  const shown = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return shown - Math.floor(at / 1_000) * 1_000
}
