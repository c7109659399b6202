import type { AuditAsk } from '../api/audit.ts'
import { zonedTime } from '../time/zoned.ts'

/** What the form has; days are days of the city, both included. */
export interface AuditSearch {
  readonly who: string
  readonly object: string
  readonly action: string
  readonly from: string
  readonly to: string
}

export const SEARCH_NAMES = ['who', 'object', 'action', 'from', 'to'] as const

/** Kinds of entries that can be chosen; of looks also how somebody looked. */
export const ACTIONS = [
  'look',
  'look.original',
  'look.live',
  'look.recording',
  'look.pack',
  'look.audit',
  'alert',
  'alert.verdict',
  'case',
  'notification',
  'recording',
  'config',
  'shift',
  'audit',
] as const

/** Filters live in the URL. */
export const readSearch = (params: URLSearchParams): AuditSearch => ({
  who: params.get('who') ?? '',
  object: params.get('object') ?? '',
  action: params.get('action') ?? '',
  from: params.get('from') ?? '',
  to: params.get('to') ?? '',
})

export function toParams(search: AuditSearch): URLSearchParams {
  const params = new URLSearchParams()
  for (const name of SEARCH_NAMES) if (search[name].trim() !== '') params.set(name, search[name].trim())
  return params
}

export function toAsk(search: AuditSearch, timezone: string): AuditAsk {
  const none = (text: string) => (text === '' ? null : text)
  return {
    who: none(search.who),
    object: none(search.object),
    action: none(search.action),
    from: search.from === '' ? null : zonedTime(`${search.from} 00:00`, timezone),
    to: search.to === '' ? null : zonedTime(`${dayAfter(search.to)} 00:00`, timezone),
  }
}

/** `2026-11-30` → `2026-12-01`; a text that is no day stays as it is. */
function dayAfter(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`)
  return Number.isNaN(at) ? day : new Date(at + 86_400_000).toISOString().slice(0, 10)
}

/** Kinds of objects that entries name before the id: looks with a colon, the configuration with a stroke. */
export const OBJECT_KINDS = [
  'alert',
  'case',
  'camera',
  'recording',
  'address',
  'city',
  'department',
  'user',
  'route',
  'sensor',
] as const

/** `alert:01a2…` → its kind and id; kind null: the topic of the entry says what it is, or this build does not know it. */
export function objectOf(object: string): {
  readonly kind: (typeof OBJECT_KINDS)[number] | null
  readonly id: string
} {
  const [, word, id] = /^([a-z]+)[:/](.+)$/s.exec(object) ?? []
  const kind = OBJECT_KINDS.find((each) => each === word)
  return kind === undefined || id === undefined ? { kind: null, id: object } : { kind, id }
}

/** Page of what an entry is about that an auditor may open; null: there is none. */
export function linkOf({
  topic,
  object,
}: {
  readonly topic: string
  readonly object: string
}): string | null {
  const colon = object.indexOf(':')
  const [kind, id] = colon < 0 ? [topic, object] : [object.slice(0, colon), object.slice(colon + 1)]
  if (id === '') return null
  if (kind === 'case') return `/cases/${encodeURIComponent(id)}`
  return kind === 'alert' ? `/alerts/${encodeURIComponent(id)}` : null
}
