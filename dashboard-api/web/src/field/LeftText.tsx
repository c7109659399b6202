import { useTranslation } from 'react-i18next'
import type { CaseItem } from '../api/types.ts'
import { formatWorking, timeLeft, toMinutes } from '../cases/time-left.ts'
import { useSchedule } from '../cases/use-schedule.ts'
import { formatSpan, formatStamp } from '../time/format.ts'
import { useNow } from '../time/use-now.ts'
import { useLanguage } from '../words/language.ts'
import { useField } from './use-field.ts'

/** How much time is left; without the working hours (no network yet) the deadline itself. */
export function LeftText({ due }: { readonly due: CaseItem['due'] }) {
  const { t } = useTranslation()
  const language = useLanguage()
  const { timezone } = useField().session.city
  const now = useNow()
  const schedule = useSchedule()
  const left = timeLeft(due, now, schedule)
  if (left.kind === 'none' || !due) return null
  if (left.kind === 'unknown') {
    return (
      <span className="num">{t('field.dueAt', { at: formatStamp(Date.parse(due.at), now, timezone) })}</span>
    )
  }
  const working = due.time === 'working' && schedule !== null
  const ms = toMinutes(left.ms)
  const span = working ? formatWorking(ms, schedule.dayMs, language) : formatSpan(ms, language)
  return (
    <span className="time-left num" data-kind={left.kind}>
      {t(`left.${left.kind}`, { span })}
      {working ? t('left.working') : ''}
    </span>
  )
}
