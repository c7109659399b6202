const HIDDEN = '***'

/** A key of this kind holds a secret, whatever its value looks like. */
const SECRET_KEY =
  /passw(?:or)?d|passwd|passphrase|secret|token|credential|authori[sz]ation|cookie|api[-_]?key|private[-_]?key|access[-_]?key|session[-_]?id|whsec/i

type Rule = readonly [pattern: RegExp, replacement: string]
// Every run is bounded: what a camera or a device sends must not cost a second of matching.
const RULES: readonly Rule[] = [
  // Userinfo of a URL. The password may hold an "@", or a "/" that should have been escaped: then what follows the colon
  // is no port.
  [
    /([a-z][a-z0-9+.-]{0,30}:\/\/)(?:[^\s/?#"'<>]{0,512}@|[^\s/?#:"'<>@]{1,256}:(?!\d{1,5}(?:[/?#\s]|$))[^\s"'<>]{0,512}@)/gi,
    `$1${HIDDEN}@`,
  ],
  // A secret in the query of a URL, or in a form.
  [
    /([?&;][\w.-]{0,40}(?:token|secret|passw|pwd|key|sig|auth|credential|session)[\w.-]{0,40}=)[^&\s"'<>]+/gi,
    `$1${HIDDEN}`,
  ],
  [/\b((?:set-)?cookie|(?:proxy-)?authorization)(["']?\s{0,4}[:=]\s{0,4}["']?)[^\r\n"']+/gi, `$1$2${HIDDEN}`],
  [/\b(Bearer|Basic|Digest|AWS4-HMAC-SHA256)(\s{1,4})[\w+/=.~:-]{8,}/g, `$1$2${HIDDEN}`],
  [
    /((?:passw(?:or)?d|passphrase|secret|token|api[-_]?key|private[-_]?key)[\w.-]{0,40}(?:=|"\s{0,4}:\s{0,4}"))[^\s"',;&}]+/gi,
    `$1${HIDDEN}`,
  ],
  // Standard Webhooks, and our own tokens of workers.
  [/\bwhsec_[\w+/=-]+/g, HIDDEN],
  [/\bsew_[\w-]{20,}/g, HIDDEN],
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g, HIDDEN],
]

const MAX_DEPTH = 8
const MAX_ITEMS = 100
const MAX_TEXT = 8_000
/** Beyond it nothing is looked at, and nothing shown. */
const MAX_READ = 65_536

/** A text without what looks like a credential, whoever wrote it; cut where it is longer than 8,000 characters. */
export function redactText(text: string): string {
  const read = text.slice(0, MAX_READ)
  const clean = RULES.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), read)
  const whole = clean.length <= MAX_TEXT && read.length === text.length
  return whole ? clean : `${clean.slice(0, MAX_TEXT)}… (of ${text.length} characters)`
}

/**
 * What may be logged of the fields of a line, as plain JSON: secrets hidden by key and by form at every depth, bytes told
 * by their size, errors by name, message and code. Total: whatever is given, something comes out, bounded in size.
 */
export const redactFields = (fields: object): Record<string, unknown> =>
  clean(fields, 0, new Set()) as Record<string, unknown>

function clean(value: unknown, depth: number, above: Set<object>): unknown {
  switch (typeof value) {
    case 'string':
      return redactText(value)
    case 'bigint':
      return String(value)
    case 'object':
      return value === null ? null : cleanObject(value, depth, above)
    case 'function':
    case 'symbol':
      return `[${typeof value}]`
    default:
      return value
  }
}

function cleanObject(value: object, depth: number, above: Set<object>): unknown {
  if (above.has(value)) return '[circular]'
  if (depth >= MAX_DEPTH) return '[deeper]'
  const inside = new Set(above).add(value)
  try {
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
    if (value instanceof URL) return redactText(value.href)
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
    if (value instanceof Error) return cleanError(value, depth, inside)
    if (value instanceof Map)
      return cleanEntries(
        [...value].map(([k, v]) => [String(k), v]),
        depth,
        inside,
      )
    if (value instanceof Set || Array.isArray(value)) {
      const list = [...value]
      const shown = list.slice(0, MAX_ITEMS).map((item) => clean(item, depth + 1, inside))
      return list.length > MAX_ITEMS ? [...shown, `… ${list.length} in all`] : shown
    }
    return cleanEntries(Object.entries(value), depth, inside)
  } catch {
    return '[unreadable]' // a getter that throws, a revoked proxy
  }
}

function cleanError(error: Error, depth: number, inside: Set<object>): unknown {
  const { name, message, cause } = error
  const code = 'code' in error ? error.code : undefined
  return cleanEntries(
    Object.entries({ name, message, code, cause }).filter(([, value]) => value !== undefined),
    depth,
    inside,
  )
}

function cleanEntries(entries: readonly (readonly [string, unknown])[], depth: number, inside: Set<object>) {
  const shown = entries.slice(0, MAX_ITEMS).map(([key, value]) => [
    key,
    // Whether there is one is worth knowing; a flag or a number of them is no secret.
    SECRET_KEY.test(key) && value != null && !['boolean', 'number'].includes(typeof value)
      ? HIDDEN
      : clean(value, depth + 1, inside),
  ])
  return Object.fromEntries(
    entries.length > MAX_ITEMS ? [...shown, ['…', `${entries.length} in all`]] : shown,
  ) as Record<string, unknown>
}
