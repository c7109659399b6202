import { useTranslation } from 'react-i18next'
import { useConnection } from '../live/LiveProvider.tsx'
import { useSession } from '../session/session.ts'
import { formatSpan, formatTime } from '../time/format.ts'
import { useNow } from '../time/use-now.ts'
import { useLanguage } from '../words/language.ts'

/** The city's time, and how old what is on the wall is. `dataAt`: this browser's clock; 0: nothing has come yet. */
export function WallClock({ dataAt }: { readonly dataAt: number }) {
  const { t } = useTranslation()
  const { city } = useSession()
  const language = useLanguage()
  const now = useNow()
  const { kind } = useConnection()
  // The query's own stamp is of this browser: its age is measured with the same clock.
  const age = dataAt === 0 ? null : Math.max(0, Date.now() - dataAt)
  return (
    <div className="wall-clock" data-kind={kind}>
      <span className="wall-city">{city.name}</span>
      <span className="wall-time num">{formatTime(now, city.timezone)}</span>
      <span className="wall-age num">
        {t(`connection.word.${kind}`)} ·{' '}
        {age === null ? t('common.loading') : t('wall.dataAge', { span: formatSpan(age, language) })}
      </span>
    </div>
  )
}
