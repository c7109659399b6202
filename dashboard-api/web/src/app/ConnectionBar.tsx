import { useTranslation } from 'react-i18next'
import { useConnection } from '../live/LiveProvider.tsx'
import { useSession } from '../session/session.ts'
import { formatAge, formatTime } from '../time/format.ts'
import { serverClock } from '../time/server-clock.ts'
import { useLanguage } from '../words/language.ts'

const SKEW_MS = 2_000

/** Says when what is on screen may be old: amber while the server is silent, the offline bar when nobody answers. */
export function ConnectionBar() {
  const { t } = useTranslation()
  const language = useLanguage()
  const { timezone } = useSession().city
  const view = useConnection()
  const skew = serverClock.skew()
  if (view.kind === 'stale' || view.kind === 'offline') {
    const values = {
      age: formatAge(view.sinceMs, language),
      at: view.dataAt === null ? '—' : formatTime(view.dataAt, timezone),
    }
    return (
      <div className="bar" data-kind={view.kind} role="status">
        {t(`connection.${view.dataAt === null ? 'never' : view.kind}`, values)}
      </div>
    )
  }
  if (skew !== null && Math.abs(skew) > SKEW_MS) {
    return (
      <div className="bar" data-kind="skew" role="status">
        {t('connection.skew', { seconds: (skew / 1_000).toFixed(1) })}
      </div>
    )
  }
  return null
}
