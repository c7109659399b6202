import type { Body } from './body.ts'

/** One value of an object that differs. `path` as in the city file: `name.zh`, `channels.0`; undefined: absent. */
export interface BodyDifference {
  readonly path: string
  readonly before: unknown
  readonly after: unknown
}

const isRecord = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
/** What the server fills in is no difference to what nobody wrote. */
const isNothing = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.length === 0)
const same = (a: unknown, b: unknown): boolean =>
  (isNothing(a) && isNothing(b)) || JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  )
}

/** What has to be done to `before` to make it `after`, in the order of the keys; lists of objects place by place. */
export function bodyDifferences(before: Body, after: Body, at = ''): readonly BodyDifference[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) => {
    const [old, now] = [before[key], after[key]]
    const path = at + key
    if (same(old, now)) return []
    if (isRecord(old ?? now) && isRecord(now ?? old))
      return bodyDifferences(isRecord(old) ? old : {}, isRecord(now) ? now : {}, `${path}.`)
    const [a, b] = [Array.isArray(old) ? old : [], Array.isArray(now) ? now : []]
    if ([...a, ...b].some(isRecord))
      return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => i).flatMap((i) =>
        same(a[i], b[i]) ? [] : [{ path: `${path}.${i}`, before: a[i], after: b[i] }],
      )
    return [{ path, before: old, after: now }]
  })
}

/** The body without keys that say nothing: `undefined`, an empty text, an empty list or object. */
export function cleanBody(body: Body): Body {
  const kept = Object.entries(body).flatMap(([key, value]): [string, unknown][] => {
    const clean = isRecord(value) ? cleanBody(value) : value
    const empty =
      isNothing(clean) ||
      clean === '' ||
      clean === null ||
      (isRecord(clean) && Object.keys(clean).length === 0)
    return empty ? [] : [[key, clean]]
  })
  return Object.fromEntries(kept)
}
