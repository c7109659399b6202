import { useTranslation } from 'react-i18next'
import type { CaseItem } from '../api/types.ts'
import { useSession } from '../session/session.ts'
import { formatFull, formatSpan } from '../time/format.ts'
import { useNow } from '../time/use-now.ts'
import { useComma, useLanguage } from '../words/language.ts'
import { formatWorking, timeLeft, toMinutes } from './time-left.ts'
import { useSchedule } from './use-schedule.ts'

/** `剩 3 小时 12 分`, `剩 3 小时 12 分（工作时）`, `将超期 · 剩 20 分`, `已超期 2 小时`; the deadline itself is on hover. */
export function TimeLeftText({ due }: { readonly due: CaseItem['due'] }) {
  const { t } = useTranslation()
  const comma = useComma()
  const language = useLanguage()
  const { timezone } = useSession().city
  const schedule = useSchedule()
  const left = timeLeft(due, useNow(), schedule)
  if (left.kind === 'none' || !due) return <span className="caption">—</span>
  const title = `${t(`clockName.${due.clock}`)} ${formatFull(Date.parse(due.at), timezone)}`
  if (left.kind === 'unknown')
    return (
      <span className="time-left num" title={title}>
        {formatFull(Date.parse(due.at), timezone).slice(0, 16)}
      </span>
    )
  const ms = toMinutes(left.ms)
  const working = due.time === 'working' && schedule !== null
  const span = working ? formatWorking(ms, schedule.dayMs, language) : formatSpan(ms, language)
  return (
    <>
      <span className="time-left num" data-kind={left.kind} title={title}>
        {t(`left.${left.kind}`, { span })}
        {working ? t('left.working') : null}
      </span>
      {due.guessedYears.length > 0 ? (
        <span className="caption guessed"> {t('left.guessed', { years: due.guessedYears.join(comma) })}</span>
      ) : null}
    </>
  )
}
