import { SharpEyesError } from '../../core/errors.ts'
import type { EpochMs } from '../../core/units.ts'
import { dayOf, type Span } from '../events/span.ts'

const MAX_DAYS = 400
const DAY_MS = 86_400_000

/** Days of the city, both included, and the moments [from, to) that they are. */
export interface Period {
  readonly from: string
  readonly to: string
  readonly timezone: string
  readonly span: Span
}

/** Absent: this month up to today. Throws `invalid` for days in the wrong order, or more than 400. */
export function periodOf(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: EpochMs,
  timezone: string,
): Period {
  const last = to ?? dayAt(now, timezone)
  const first = from ?? `${last.slice(0, 8)}01`
  const days = (Date.parse(last) - Date.parse(first)) / DAY_MS + 1
  if (days < 1)
    throw new SharpEyesError('invalid', `from: ${first} is after ${last}; exchange them`, {
      details: { why: 'span_turned' },
    })
  if (days > MAX_DAYS)
    throw new SharpEyesError(
      'invalid',
      `from: ${first} to ${last} are more than ${MAX_DAYS} days; ask in parts`,
      { details: { why: 'span_long', days: MAX_DAYS } },
    )
  return {
    from: first,
    to: last,
    timezone,
    span: { from: dayOf(first, timezone).from, to: dayOf(last, timezone).to },
  }
}

/** `YYYY-MM-DD` of a moment in the city. */
export const dayAt = (at: EpochMs, timezone: string): string =>
  new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(at)
