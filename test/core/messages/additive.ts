type Json = unknown
/** Words for people: they may change. */
const TEXTS = new Set(['description', 'examples', 'title', '$comment'])

/**
 * What a later JSON Schema of one major version changed beyond adding optional keys and words of an enumeration: each is
 * a message that an old reader or an old writer could not share with a new one. Paths into the schema.
 */
export function breaks(before: Json, after: Json, path = ''): string[] {
  if (Array.isArray(before)) {
    if (!Array.isArray(after) || after.length !== before.length) return [`${path}: changed`]
    return before.flatMap((item, index) => breaks(item, after[index], `${path}/${index}`))
  }
  if (typeof before !== 'object' || before === null)
    return Object.is(before, after) ? [] : [`${path}: changed`]
  if (typeof after !== 'object' || after === null || Array.isArray(after)) return [`${path}: changed`]
  const [old, now] = [before as Record<string, Json>, after as Record<string, Json>]
  const gone = Object.keys(old).filter((key) => !TEXTS.has(key) && !(key in now))
  // Inside `properties` a new key is a new field; beside it a new key is a new rule.
  const isFields = path.endsWith('/properties')
  const added = isFields ? [] : Object.keys(now).filter((key) => !TEXTS.has(key) && !(key in old))
  return [
    ...gone.map((key) => `${path}/${key}: gone`),
    ...added.map((key) => `${path}/${key}: a new rule`),
    ...Object.keys(old)
      .filter((key) => key in now && (isFields || !TEXTS.has(key)))
      .flatMap((key) => {
        const here = `${path}/${key}`
        if (!isFields && key === 'required') return sameSet(old[key], now[key], here)
        if (!isFields && key === 'enum') return contains(old[key], now[key], here)
        return breaks(old[key], now[key], here)
      }),
  ]
}

function sameSet(before: Json, after: Json, path: string): string[] {
  const [old, now] = [new Set(before as string[]), new Set(after as string[])]
  return [
    ...[...old].filter((key) => !now.has(key)).map((key) => `${path}: ${key} is required no more`),
    ...[...now].filter((key) => !old.has(key)).map((key) => `${path}: ${key} is required now`),
  ]
}

function contains(before: Json, after: Json, path: string): string[] {
  const now = new Set(after as string[])
  return (before as string[]).filter((word) => !now.has(word)).map((word) => `${path}: ${word} is gone`)
}
