import { useTranslation } from 'react-i18next'
import type { CaseItem } from '../api/types.ts'
import { useSession } from '../session/session.ts'
import { formatFull, formatSpan } from '../time/format.ts'
import { useNow } from '../time/use-now.ts'
import { useLanguage } from '../words/language.ts'
import { timeLeft } from './time-left.ts'

/** `剩 3 小时 12 分`, `将超期 · 剩 20 分`, `已超期 2 小时`; the deadline itself is on hover. */
export function TimeLeftText({ due }: { readonly due: CaseItem['due'] }) {
  const { t } = useTranslation()
  const language = useLanguage()
  const { timezone } = useSession().city
  const left = timeLeft(due, useNow())
  if (left.kind === 'none' || !due) return <span className="caption">—</span>
  const title = `${t(`clockName.${due.clock}`)} ${formatFull(Date.parse(due.at), timezone)}`
  return (
    <span className="time-left num" data-kind={left.kind} title={title}>
      {t(`left.${left.kind}`, { span: formatSpan(toMinutes(left.ms), language) })}
    </span>
  )
}

/** Deadlines run for hours and days: running seconds would only be noise. */
const toMinutes = (ms: number): number => (ms < 60_000 ? ms : Math.floor(ms / 60_000) * 60_000)
