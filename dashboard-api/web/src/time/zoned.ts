/**
 * `YYYY-MM-DD HH:mm` as the clocks of a time zone show it → ISO 8601 in UTC; null when it is no such time. The PC may
 * stand in another zone than the city, so the browser's own parsing would be wrong.
 */
export function zonedTime(text: string, timezone: string): string | null {
  const match = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2})$/.exec(text)
  if (!match) return null
  const [year, month, day, hour, minute] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ]
  const asUtc = Date.UTC(year, month - 1, day, hour, minute)
  if (new Date(asUtc).getUTCDate() !== day || new Date(asUtc).getUTCHours() !== hour) return null
  // Twice, because the offset at the first guess may be that of the other side of a clock change.
  let at = asUtc - offsetMs(asUtc, timezone)
  at = asUtc - offsetMs(at, timezone)
  return new Date(at).toISOString()
}

function offsetMs(at: number, timezone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at)
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value)
  const shown = Date.UTC(
    value('year'),
    value('month') - 1,
    value('day'),
    value('hour'),
    value('minute'),
    value('second'),
  )
  return shown - Math.floor(at / 1_000) * 1_000
}
