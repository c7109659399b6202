import { useSession } from '../session/session.ts'
import { useLanguage } from '../words/language.ts'
import { formatAge, formatFull, formatStamp } from './format.ts'
import { useEachSecond } from './use-now.ts'

/** A point in time in the city's zone; the full date is on hover. `at` is ISO 8601. */
export function Moment({ at, full = false }: { readonly at: string; readonly full?: boolean }) {
  const { timezone } = useSession().city
  const ms = Date.parse(at)
  const whole = formatFull(ms, timezone)
  const shown = useEachSecond((now) => (full ? whole : formatStamp(ms, now, timezone)))
  return (
    <time dateTime={at} title={whole} className="num">
      {shown}
    </time>
  )
}

/** How long ago: `00:41`, then hours and days; the full date is on hover. */
export function Age({ at }: { readonly at: string }) {
  const { timezone } = useSession().city
  const language = useLanguage()
  const ms = Date.parse(at)
  const shown = useEachSecond((now) => formatAge(now - ms, language))
  return (
    <time dateTime={at} title={formatFull(ms, timezone)} className="num">
      {shown}
    </time>
  )
}
