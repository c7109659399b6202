import type { EpochMs } from '../../../core/units.ts'

const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s?(Z|[+-]\d\d:?\d\d)$/i
/** 1e11 s is the year 5138, 1e11 ms is March 1973: no device means either. */
const SECONDS_BELOW = 1e11
const MILLISECONDS_BELOW = 1e14

/** A device's time: ISO 8601 with a zone, or epoch seconds or milliseconds. The text says why it is none. */
export function parseTime(said: unknown): { readonly at: EpochMs } | { readonly fault: string } {
  if (typeof said === 'number') {
    if (!Number.isFinite(said) || said < 0 || said >= MILLISECONDS_BELOW)
      return { fault: `the time ${said} is neither epoch seconds nor milliseconds` }
    return { at: Math.round(said < SECONDS_BELOW ? said * 1_000 : said) }
  }
  if (typeof said !== 'string') return { fault: 'the time is neither a text nor a number' }
  const shown = JSON.stringify(said.slice(0, 40))
  const match = ISO.exec(said.trim())
  if (!match)
    return { fault: `the time ${shown} is not ISO 8601 with a zone, for example 2026-03-01T08:00:00+08:00` }
  const at = Date.parse(`${match[1]}T${match[2]}${match[3]?.toUpperCase()}`)
  return Number.isNaN(at) ? { fault: `the time ${shown} does not exist` } : { at }
}
