import type { Language } from '../words/languages.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const formatters = new Map<string, Intl.DateTimeFormat>()
/** A page of times asks for the same ones each second, and to take one apart is slow. */
const known = new Map<string, Record<string, string>>()
const MOST_KNOWN = 500

function partsOf(at: number, timezone: string): Record<string, string> {
  const key = `${at} ${timezone}`
  const before = known.get(key)
  if (before) return before
  if (known.size >= MOST_KNOWN) known.clear()
  const parts = takeApart(at, timezone)
  known.set(key, parts)
  return parts
}

function takeApart(at: number, timezone: string): Record<string, string> {
  let formatter = formatters.get(timezone)
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-GB', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formatters.set(timezone, formatter)
  }
  return Object.fromEntries(formatter.formatToParts(at).map((part) => [part.type, part.value]))
}

/** `10:41:07` in the city's zone. `at` is epoch ms. */
export function formatTime(at: number, timezone: string): string {
  const { hour, minute, second } = partsOf(at, timezone)
  return `${hour}:${minute}:${second}`
}

/** `2026-05-03 10:41:07`: shown on hover and where a record is read. */
export function formatFull(at: number, timezone: string): string {
  const { year, month, day } = partsOf(at, timezone)
  return `${year}-${month}-${day} ${formatTime(at, timezone)}`
}

/** Today `10:41:07`, this year `05-03 10:41`, older `2025-05-03 10:41`; days and years are those of the city's zone. */
export function formatStamp(at: number, now: number, timezone: string): string {
  const then = partsOf(at, timezone)
  const today = partsOf(now, timezone)
  const sameYear = then.year === today.year
  if (sameYear && then.month === today.month && then.day === today.day) return formatTime(at, timezone)
  const day = `${then.month}-${then.day} ${then.hour}:${then.minute}`
  return sameYear ? day : `${then.year}-${day}`
}

const UNITS: readonly { readonly ms: number; readonly zh: string; readonly en: string }[] = [
  { ms: DAY, zh: '天', en: 'd' },
  { ms: HOUR, zh: '小时', en: 'h' },
  { ms: MINUTE, zh: '分', en: 'min' },
  { ms: SECOND, zh: '秒', en: 's' },
]

/** A length of time in its two largest units: `3 分 28 秒`, `2 h 5 min`. Below a second: `0 秒`. */
export function formatSpan(ms: number, language: Language, units = 2): string {
  let rest = Math.max(0, Math.floor(ms / SECOND) * SECOND)
  const shown: string[] = []
  for (const unit of UNITS) {
    const count = Math.floor(rest / unit.ms)
    rest -= count * unit.ms
    if (count === 0 && shown.length === 0) continue
    if (shown.length >= units) break
    if (count > 0) shown.push(`${count} ${language === 'zh-CN' ? unit.zh : unit.en}`)
    else break // "1 天 5 分" reads as if exact: after a gap nothing follows
  }
  return shown.length > 0 ? shown.join(' ') : `0 ${language === 'zh-CN' ? '秒' : 's'}`
}

/** Age in a row, as short as it can be told: `00:41`, `03:10`, then `2 小时`. */
export function formatAge(ms: number, language: Language): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND))
  if (seconds >= 3_600) return formatSpan(ms, language, 1)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`
}
