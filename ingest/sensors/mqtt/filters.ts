/** Why a topic filter cannot be subscribed to; null: it can. */
export function faultOfFilter(filter: string): string | null {
  if (filter === '') return 'it is empty'
  if (filter.includes('\0')) return 'it holds a NUL'
  if (Buffer.byteLength(filter) > 65_535) return 'it is longer than 65,535 bytes'
  const levels = filter.split('/')
  if (levels.some((level) => level.includes('+') && level !== '+'))
    return '"+" stands alone between two slashes, for example sensors/+/pm'
  if (levels.some((level, index) => level.includes('#') && (level !== '#' || index < levels.length - 1)))
    return '"#" stands alone and last'
  return null
}

export const isWildcard = (filter: string): boolean => filter.includes('+') || filter.includes('#')

/** MQTT's rule. `topic` may be a filter itself: then the answer says whether all it can match is matched. */
export function matches(filter: string, topic: string): boolean {
  // A topic that begins with $ is the broker's own: a wildcard does not reach it.
  if (topic.startsWith('$') !== filter.startsWith('$')) return false
  const wanted = filter.split('/')
  const levels = topic.split('/')
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true
    const there = levels[index]
    if (there === undefined || there === '#') return false
    if (level !== '+' && level !== there) return false
  }
  return wanted.length === levels.length
}

/**
 * The filters without those that another one covers: a broker may deliver a message once for each filter that matches
 * it, and two readings without a time would be two readings.
 */
export function withoutCovered(filters: Iterable<string>): ReadonlySet<string> {
  const all = new Set(filters)
  const wild = [...all].filter(isWildcard)
  return new Set([...all].filter((filter) => !wild.some((wide) => wide !== filter && matches(wide, filter))))
}
