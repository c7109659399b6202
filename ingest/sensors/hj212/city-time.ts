import type { EpochMs } from '../../../core/units.ts'

/** Epoch ms of a device's local time; null when the text is no time. */
export type CityTime = (text: string) => EpochMs | null

const QUARTER_MS = 900_000
/** A clock that has lost its battery starts in 1970; nothing measures in the next century. */
const LAST_YEAR = 2099
const REMEMBERED = 4_096
const FORM = /^\d{14}(\d{3})?$/

/**
 * Reads `YYYYMMDDhhmmss` or `YYYYMMDDhhmmsszzz` in a time zone of the IANA list. Where the clock is put back the earlier
 * of the two moments is meant, where it is put forward the hour that is skipped counts on from before.
 *
 * @throws RangeError when the zone does not exist
 */
export function createCityTime(timezone: string): CityTime {
  const zone = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' })
  // Asking Intl costs a thousand times as much as the rest; offsets change on a quarter of an hour at the finest.
  const offsets = new Map<number, number>()
  const offsetAt = (at: EpochMs): number => {
    const quarter = Math.floor(at / QUARTER_MS)
    const known = offsets.get(quarter)
    if (known !== undefined) return known
    if (offsets.size >= REMEMBERED) offsets.clear()
    const offset = readOffset(zone.formatToParts(at))
    offsets.set(quarter, offset)
    return offset
  }
  return (text) => {
    const wall = readWall(text)
    if (wall === null) return null
    // The offsets on both sides of the moment: they differ only around a change.
    const earlier = wall - Math.max(offsetAt(wall - 86_400_000), offsetAt(wall + 86_400_000))
    return earlier + offsetAt(earlier) === wall ? earlier : wall - offsetAt(earlier)
  }
}

/** The digits as if they were UTC; null: no such date. */
function readWall(text: string): EpochMs | null {
  if (!FORM.test(text)) return null
  const part = (from: number, to: number) => Number(text.slice(from, to))
  const year = part(0, 4)
  const month = part(4, 6)
  const day = part(6, 8)
  const hour = part(8, 10)
  const minute = part(10, 12)
  const second = part(12, 14)
  if (year < 1970 || year > LAST_YEAR || hour > 23 || minute > 59 || second > 59) return null
  const date = Date.UTC(year, month - 1, day)
  // A 31 February comes back as another day.
  const back = new Date(date)
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day) return null
  return date + ((hour * 60 + minute) * 60 + second) * 1_000 + part(14, 17)
}

/** `GMT`, `GMT+08:00`, `GMT-03:30`, also with seconds → ms. */
function readOffset(parts: readonly Intl.DateTimeFormatPart[]): number {
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const match = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name)
  if (!match) throw new RangeError(`an offset of an unknown form: ${name}`)
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = match
  const size = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000
  return sign === '-' ? -size : size
}
